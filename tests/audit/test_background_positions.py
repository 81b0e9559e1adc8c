"""Exact positions in an export: open to who was told of them, gone when one is erased."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person
from attest.bundle.archive import Archive
from attest.bundle.asked import Asked
from attest.bundle.verify import verify
from audit.models import Export
from audit.sweeping import sweep_exports
from ledger.models import AccessSubject
from ledger.services.sequence import sequence
from ledger.signer import trust
from tests.attest.bundle.town import codes, members
from tests.audit.office import ask, files, made, taken, turn
from tests.conftest import phone_of
from tests.settlement.desk import EVENING
from trips.models import Trip
from trips.services.erase_positions import erase_positions

pytestmark = pytest.mark.django_db

# -- exact positions -----------------------------------------------------------------------


def erase(trip: Trip) -> None:
    who = {"actor": "retention"}
    erase_positions([trip.pk], reason="order", who=who, subject="org-log", now=EVENING)


def judged(raw: bytes) -> Any:
    asked = Asked(trust=trust(), now=timezone.now() + timedelta(days=300))
    return verify(Archive(BytesIO(raw)), asked)


def test_with_exact_positions_they_are_open_and_everybody_reads_of_it(
    iris: Person, ada: Person, paid: Trip
) -> None:
    raw = taken(iris, form="zip", groups=["biz", "id", "loc"])

    assert b'"lat_e6"' in members(raw)["data/leaves.jsonl"]
    assert codes(judged(raw)) == set()
    assert judged(raw).counts.withheld == 0
    look = AccessSubject.objects.get(person=ada, access__action="export")
    assert look.depth == "position"


def test_no_sheet_shows_exact_positions(iris: Person, paid: Trip) -> None:
    for form in ("csv", "xlsx"):
        answer = ask(iris, form=form, groups=["biz", "id", "loc"])
        assert (answer.status_code, answer.json()["code"]) == (400, "export.refused")
    assert ask(iris, form="zip", groups=["all"]).status_code == 400
    assert ask(iris, form="zip", groups=[]).status_code == 400
    assert not Export.objects.exists()


def test_exact_positions_of_too_many_people_wait_for_a_second(
    iris: Person, paid: Trip, settings: Any
) -> None:
    settings.EXPORT_PLACES_ALONE = 0
    ask(iris, form="zip", groups=["biz", "id", "loc"])
    assert made().needs_second
    Export.objects.all().delete()
    ask(iris, form="zip")
    assert not made().needs_second


def test_a_file_with_a_position_that_was_erased_goes_at_once(
    iris: Person, ada: Person, paid: Trip
) -> None:
    export = ask(iris, form="zip", groups=["biz", "id", "loc"]).json()["id"]
    turn()
    sequence(now=EVENING)
    erase(paid)

    answer = phone_of(iris).get(f"/api/v1/exports/{export}/file")
    assert (answer.status_code, answer.json()["code"]) == (410, "sealed.key-gone")
    assert sweep_exports(now=EVENING) == 1
    assert (files(), made().state) == ([], "gone")


def test_a_file_without_positions_stays_when_one_is_erased(iris: Person, paid: Trip) -> None:
    ask(iris, form="zip")
    turn()
    sequence(now=EVENING)
    erase(paid)

    assert sweep_exports(now=EVENING) == 0
    assert len(files()) == 1


def test_erased_before_it_was_made_it_is_called_erased_and_verifies(
    iris: Person, paid: Trip
) -> None:
    sequence(now=EVENING)
    erase(paid)
    raw = taken(iris, form="zip", groups=["biz", "id", "loc"])

    assert b'"lat_e6"' not in members(raw)["data/leaves.jsonl"]
    assert codes(judged(raw)) == set()
    assert judged(raw).counts.erased > 0
