"""A verdict comes out again from its facts; the week's rules are counted without opening any."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Organisation, Person, Place
from audit.rules import ENOUGH, Rule, rules_of
from ledger.models import AccessSubject
from settlement.models import Hold
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, arrival, code_of, seen
from tests.settlement.test_payable import bare, copied
from trips.models import Assessment, Trip


@pytest.fixture
def trip(ada: Person, bora: Person, site: Place) -> Trip:
    return bare(ada, bora, site)


def again(auditor: Person, trip: Trip) -> str:
    answer: Any = phone_of(auditor).post(
        f"/audit/trips/{trip.uid}/verdicts/", HTTP_ACCEPT_LANGUAGE="en"
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_every_verdict_comes_out_as_it_was_kept(iris: Person, trip: Trip) -> None:
    page = again(iris, trip)

    assert "Every verdict comes out as it was kept" in page
    assert "not the same" not in page
    look = AccessSubject.objects.get(access__action="audit-recompute")
    assert (look.person, look.depth) == (trip.traveller, "position")


@pytest.mark.parametrize(
    "altered",
    [{"verdict": "SUFFICIENT"}, {"support": 99}, {"concern": 1}, {"reasons": []}, {"missing": []}],
)
def test_a_verdict_that_was_altered_is_seen(
    altered: dict[str, Any], iris: Person, trip: Trip
) -> None:
    Assessment.objects.update(**altered)

    assert "A verdict comes out otherwise than it was kept" in again(iris, trip)


def test_only_an_auditor_has_it_computed(felix: Person, trip: Trip) -> None:
    address = f"/audit/trips/{trip.uid}/verdicts/"

    assert phone_of(felix).post(address).status_code == 403
    assert not AccessSubject.objects.filter(access__action="audit-recompute").exists()


def test_rules_are_counted_once_a_touch_by_its_newest_verdict(
    hall: Organisation, felix: Person, ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    trip = copied(ada, bora, site, mallory)

    (rule,) = [one for one in rules_of(hall, until=EVENING) if one.code == "cross.burst-copied"]
    assert (rule.verdicts, rule.overturned) == ({"REVIEW": 1}, 0)
    assert not AccessSubject.objects.exists()

    seen(felix, code_of(arrival(trip)))
    Hold.objects.update(resolution_code="two-person-review", state="resolved")
    (rule,) = [one for one in rules_of(hall, until=EVENING) if one.code == "cross.burst-copied"]
    assert rule.overturned == 1
    assert rules_of(hall, until=NOON + timedelta(days=30)) == []


@pytest.mark.parametrize(
    ("spoke", "overturned", "doubtful"),
    [
        (ENOUGH, ENOUGH // 2, False),
        (ENOUGH, ENOUGH // 2 + 1, True),
        (ENOUGH - 1, ENOUGH - 1, False),
    ],
)
def test_a_rule_is_doubtful_beyond_half(spoke: int, overturned: int, doubtful: object) -> None:
    rule = Rule("fix.identical", overturned=overturned)
    rule.verdicts["REVIEW"] = spoke

    assert rule.doubtful is doubtful


def test_the_administrator_reads_the_report(
    olga: Person, ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    copied(ada, bora, site, mallory)

    answer = phone_of(olga).get("/manage/weights/rules/", HTTP_ACCEPT_LANGUAGE="en")

    assert "cross.burst-copied" in answer.content.decode()
