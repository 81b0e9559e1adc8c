"""What an auditor signs for an export: the question, how many rows answer it, the log's head.

Nothing walks the rows while a request waits; the worker refuses where they are others.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any
from unicodedata import normalize

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Department, Grant, Organisation, Person, Place, Role, StepUp
from accounts.passkeys import unb64
from attest.log.leaf import canonical
from audit.exporting import rows_hash
from audit.models import Export
from audit.preparing import prepare_exports
from audit.selectors import Filter
from ledger.models import Access, Leaf, Outbox
from tests.audit.office import ask, csv_rows, filed, signed, stated, taken, trips_of, wish_of
from tests.conftest import NOON, enrolled, phone_of, plan_of
from tests.settlement.desk import (
    BACK,
    approved,
    batch_of,
    confirmed,
    fixes_at,
    key_of,
    ordered,
    pay,
    touch,
    travelled,
)
from trips.models import Trip
from trips.services.draft import draft
from trips.services.request import request
from trips.services.return_request import return_request
from trips.services.revise import revise

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(ada: Person, bora: Person, felix: Person, site: Place) -> Trip:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))
    return trip


@pytest.mark.parametrize("form", ["csv", "zip"])
def test_a_request_asks_as_often_for_three_hundred_trips_as_for_three(
    iris: Person,
    ada: Person,
    bora: Person,
    settled: Trip,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    # Whoever walked them would ask for each.
    monkeypatch.setattr("audit.exporting.PAGE", 1)
    monkeypatch.setattr("ledger.stretch._AT_ONCE", 1)

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as shown:
            assert phone_of(iris).get("/audit/exports/new/").status_code == 200
        with CaptureQueriesContext(connection) as filed:
            assert ask(iris, form=form).status_code == 201
        return len(shown), len(filed)

    trips_of(ada, bora, 2)
    # The log begins, and says that an hour went by.
    asked(), asked()
    three = asked()
    trips_of(ada, bora, 297, starts_at=NOON - timedelta(days=60))
    assert asked() == three


# -- what is signed ------------------------------------------------------------------------


@pytest.fixture
def past(ada: Person, mallory: Person, bora: Person) -> list[Trip]:
    return [*trips_of(ada, bora, 2), *trips_of(mallory, bora, 1, starts_at=NOON)]


@pytest.fixture
def ivan(hall: Organisation, office: Department, workplace: Place) -> Person:
    """Audits as well."""
    other = enrolled("felix", hall, office, workplace)
    since, until = NOON - timedelta(days=1), timezone.now() + timedelta(days=30)
    Grant.objects.filter(person=other).delete()
    Grant.objects.create(person=other, role=Role.AUDITOR, since=since, until=until)
    return Person.objects.get(pk=other.pk)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def made() -> Export:
    prepare_exports(clock=timezone.now)
    return Export.objects.get()


def test_a_statement_says_all_of_it_and_its_hash_can_be_made_again(
    iris: Person, past: list[Trip]
) -> None:
    said = stated(iris, wish_of(filters={"person": "ada"})).json()

    words = said["statement"]
    assert (words["auditor"], words["rows"]) == (iris.ref, 2)
    assert words["filters"] == {"person": "ada"}
    label = b"tripseal/export/1" + bytes(1)
    assert unb64(said["batch_hash"]) == sha256(label + canonical(words)).digest()


def test_a_statement_asks_for_nothing_yet(iris: Person, ada: Person, past: list[Trip]) -> None:
    assert stated(iris, wish_of()).status_code == 200
    assert not Export.objects.exists()
    assert not Access.objects.exists()
    assert code_of(stated(ada, wish_of())) == (403, "role.lacking")
    assert code_of(stated(iris, wish_of(filters={"person": "nobody"}))) == (400, "export.refused")


def test_whoever_was_shown_another_number_of_rows_signs_nothing(
    iris: Person, past: list[Trip]
) -> None:
    assert stated(iris, wish_of(rows=3)).status_code == 200
    assert code_of(stated(iris, wish_of(rows=2))) == (409, "step-up.batch-changed")


@pytest.mark.parametrize(
    "other",
    [
        {"filters": {"person": "ada"}},
        {"filters": {"until": "2099-12-31"}},
        {"format": "xlsx"},
        {"groups": ["biz"]},
        {"purpose": "complaint"},
        {"reason": "전혀 다른 이유로 가져갑니다"},
        {"head": 1},
    ],
)
def test_a_signature_over_one_question_takes_no_other(
    iris: Person, settled: Trip, past: list[Trip], other: dict[str, Any]
) -> None:
    proof = signed(iris, wish_of())

    answer = filed(iris, wish_of(), **(proof | other))

    assert code_of(answer) == (409, "step-up.batch-changed")
    assert not Export.objects.exists()
    assert not Access.objects.filter(action="export").exists()
    assert not StepUp.objects.filter(action="export").exclude(used_at=None).exists()


@pytest.mark.parametrize("other", [{"groups": ["biz", "id", "loc"]}, {"parquet": True}])
def test_a_signature_over_a_bundle_takes_no_fuller_one(
    iris: Person, settled: Trip, other: dict[str, Any]
) -> None:
    wish = wish_of(form="zip")

    answer = filed(iris, wish, **(signed(iris, wish) | other))

    assert code_of(answer) == (409, "step-up.batch-changed")


def test_a_trip_that_came_in_after_the_signature_is_noticed(
    iris: Person, ada: Person, bora: Person, past: list[Trip]
) -> None:
    proof = signed(iris, wish_of())
    trips_of(ada, bora, 1, starts_at=NOON)

    assert code_of(filed(iris, wish_of(), **proof)) == (409, "step-up.batch-changed")


def test_a_signature_is_used_once(iris: Person, past: list[Trip]) -> None:
    proof = signed(iris, wish_of())

    assert filed(iris, wish_of(), **proof).status_code == 201
    assert code_of(filed(iris, wish_of(), **proof)) == (403, "step-up.refused")
    assert Export.objects.count() == 1


def test_a_signature_of_one_auditor_serves_no_other(
    iris: Person, ivan: Person, past: list[Trip]
) -> None:
    proof = signed(iris, wish_of())

    assert code_of(filed(ivan, wish_of(), **proof)) == (403, "step-up.refused")
    hers = unb64(stated(iris, wish_of()).json()["batch_hash"])
    assert hers != unb64(stated(ivan, wish_of()).json()["batch_hash"])


def test_a_signature_to_settle_exports_nothing(iris: Person, past: list[Trip]) -> None:
    proof = signed(iris, wish_of(), action="settle")

    assert code_of(filed(iris, wish_of(), **proof)) == (403, "step-up.refused")


def test_a_head_this_log_never_had_or_had_long_ago_is_none(
    iris: Person, settled: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = signed(iris, wish_of())
    assert code_of(filed(iris, wish_of(), **(proof | {"head": -1}))) == (400, "request.shape")
    beyond = proof | {"head": proof["head"] + 1_000}
    assert code_of(filed(iris, wish_of(), **beyond)) == (409, "step-up.batch-changed")

    monkeypatch.setattr("audit.stating.MOST_SINCE", -1)
    assert code_of(filed(iris, wish_of(), **proof)) == (409, "step-up.batch-changed")


def test_a_name_typed_letter_by_letter_is_the_name(
    iris: Person, ada: Person, past: list[Trip]
) -> None:
    Person.objects.filter(pk=ada.pk).update(name="한빛나")

    rows = csv_rows(taken(iris, filters={"person": normalize("NFD", "한빛나")}))

    assert len(rows) == 1 + 2


# -- what the worker finds -----------------------------------------------------------------


def refused() -> bool:
    export = made()
    said = (export.state, export.why, bytes(export.done_hashes), bytes(export.file_key))
    return said == ("failed", "step-up.batch-changed", b"", b"")


def test_as_many_other_trips_are_other_trips(
    iris: Person, ada: Person, bora: Person, felix: Person, site: Place
) -> None:
    paid = confirmed(ada, bora, site)
    later = NOON + timedelta(days=1)
    coming = travelled(ordered(ada, bora, site, starts_at=later, ends_at=later + BACK))
    assert ask(iris, filters={"state": "confirmed"}).status_code == 201
    pay(felix, batch_of(felix, paid))
    approved(coming)

    assert refused()


# -- a draft that was given back is written over without a leaf ----------------------------


@pytest.fixture
def given_back(ada: Person, bora: Person, site: Place) -> tuple[Trip, Trip]:
    """Two requests sent back to their traveller: one within the days asked for, one behind."""
    inside, outside = (
        requested(ada, bora, site, starts_at=NOON + timedelta(days=days)) for days in (1, 60)
    )
    for trip in (inside, outside):
        return_request(trip, approver=bora, reason="날짜를 확인해 주세요", now=NOON)
    return inside, outside


def requested(ada: Person, bora: Person, site: Place, **said: Any) -> Trip:
    plan = plan_of(bora, site, ends_at=said["starts_at"] + BACK, **said)
    return request(draft(traveller=ada, plan=plan, now=NOON), now=NOON)


def moved(trip: Trip, bora: Person, site: Place, *, days: int, **said: Any) -> Trip:
    start = NOON + timedelta(days=days)
    plan = plan_of(bora, site, starts_at=start, ends_at=start + BACK, **said)
    return revise(Trip.objects.get(pk=trip.pk), plan=plan, now=NOON)


UNTIL = {"until": "2026-12-31"}


@pytest.mark.parametrize("then", ["left", "touched", "asked for"])
def test_a_draft_that_moves_in_while_another_moves_out_is_another_row(
    then: str, iris: Person, bora: Person, site: Place, given_back: tuple[Trip, Trip]
) -> None:
    inside, outside = given_back
    leaves = Leaf.objects.count() + Outbox.objects.count()
    assert ask(iris, filters=UNTIL).status_code == 201
    asked = Leaf.objects.count() + Outbox.objects.count()
    moved(inside, bora, site, days=60)
    came = moved(outside, bora, site, days=1)
    assert (Leaf.objects.count() + Outbox.objects.count(), asked > leaves) == (asked, True)
    if then == "touched":
        touch(came, at=came.starts_at, key=key_of(came.traveller), fixes=fixes_at(came.starts_at))
    if then == "asked for":
        request(came, now=NOON)

    assert refused()


def test_a_draft_that_is_written_over_where_it_lies_is_another_row(
    iris: Person, bora: Person, site: Place, given_back: tuple[Trip, Trip]
) -> None:
    ask(iris, filters=UNTIL)
    moved(given_back[0], bora, site, days=1, purpose="다른 일")

    assert refused()


def test_between_the_look_and_the_signature_too(
    iris: Person, bora: Person, site: Place, given_back: tuple[Trip, Trip]
) -> None:
    wish = wish_of(filters=UNTIL)
    proof = signed(iris, wish)
    moved(given_back[0], bora, site, days=60)
    moved(given_back[1], bora, site, days=1)

    assert code_of(filed(iris, wish, **proof)) == (409, "step-up.batch-changed")


def test_what_is_written_over_elsewhere_or_only_given_back_stops_no_export(
    iris: Person, ada: Person, bora: Person, site: Place, given_back: tuple[Trip, Trip]
) -> None:
    other = requested(ada, bora, site, starts_at=NOON + timedelta(days=2))
    moved(given_back[0], bora, site, days=1)
    ask(iris, filters=UNTIL)
    return_request(other, approver=bora, reason="날짜를 확인해 주세요", now=NOON)
    moved(given_back[1], bora, site, days=61)

    assert made().state == "ready"


def test_a_draft_nobody_asked_for_yet_has_no_revisions(
    ada: Person, bora: Person, site: Place
) -> None:
    fresh = draft(traveller=ada, plan=plan_of(bora, site), now=NOON)

    assert moved(fresh, bora, site, days=1).revision == 0


def test_a_trip_that_was_paid_meanwhile_is_another_row(
    iris: Person, ada: Person, bora: Person, felix: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site)
    ask(iris)
    pay(felix, batch_of(felix, trip))

    assert refused()


def test_a_touch_meanwhile_moves_no_row_unless_it_was_asked_for(
    iris: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = ordered(ada, bora, site)
    ask(iris)
    ask(iris, filters={"state": "approved", "until": "2099-12-31"})
    ask(iris, filters={"place": trip.stops.all()[0].text})
    approved(travelled(trip))
    prepare_exports(clock=timezone.now)

    states = list(Export.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["ready", "failed", "failed"]


def test_nobody_is_in_a_file_without_a_line_in_their_diary(
    iris: Person, felix: Person, past: list[Trip]
) -> None:
    ask(iris)
    Trip.objects.filter(pk=past[0].pk).update(traveller=felix)

    assert refused()


@pytest.mark.parametrize(
    "altered",
    [{"filters": {"until": "2099-12-31"}}, {"reason": "x" * 10}, {"groups": ["id"]}, {"head": 1}],
)
def test_a_row_that_was_altered_after_it_was_signed_is_not_made(
    iris: Person, settled: Trip, altered: dict[str, Any]
) -> None:
    ask(iris)
    Export.objects.update(**altered)

    assert refused()


def test_what_was_filed_before_heads_were_signed_is_still_made(
    iris: Person, past: list[Trip]
) -> None:
    ask(iris)
    Export.objects.update(head=None, signed=rows_hash(iris, Filter()))

    assert made().state == "ready"


def test_what_was_filed_before_heads_were_signed_is_made_of_its_own_rows_alone(
    iris: Person, ada: Person, bora: Person, past: list[Trip]
) -> None:
    ask(iris)
    Export.objects.update(head=None, signed=rows_hash(iris, Filter()))
    trips_of(ada, bora, 1, starts_at=NOON)

    assert refused()
