"""What an out-of-area trip cost: told by its traveller, whole, and never guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from tests.clock import Clock
from tests.conftest import NOON, SITE, phone_of, place, plan_of
from tests.trips.log import types
from trips.expected import expected_of
from trips.models import State, Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request

SEAT = {"date": "2026-11-23", "mode": "bus", "amount": 9_000, "evidence": "card"}
BED = {"date": "2026-11-23", "kind": "paid", "paid": 60_000, "evidence": "card", "unit": "26470"}
TOLD: dict[str, Any] = {"fares": [SEAT], "nights": [BED]}


@pytest.fixture
def far(hall: Any) -> Place:
    return place(hall, "부산시청", SITE, unit="26470")


@pytest.fixture
def journey(ada: Person, bora: Person, far: Place) -> Trip:
    """Ada's trip to Busan, ordered, with one night there."""
    at = NOON - timedelta(hours=1)
    plan = plan_of(bora, far, ends_at=NOON + timedelta(days=1))
    return order(request(draft(traveller=ada, plan=plan, now=at), now=at), approver=bora, now=at)


def tell(who: Person, trip: Trip, **said: Any) -> Any:
    return phone_of(who).post(f"/api/v1/trips/{trip.uid}/costs", said, format="json")


def expected(trip: Trip) -> Any:
    return expected_of(Trip.objects.get(pk=trip.pk))


def test_before_the_costs_are_told_no_sum_is_named(journey: Trip) -> None:
    assert (expected(journey).total, expected(journey).code) == (None, "claim.costs-untold")


def test_what_was_told_is_the_sum(ada: Person, journey: Trip) -> None:
    answer = tell(ada, journey, **TOLD)

    assert answer.status_code == 200
    assert answer.json()["expected"]["total"] == 9_000 + 60_000 + 2 * 50_000
    assert expected(journey).total == 169_000


def test_an_evening_nobody_told_of_leaves_the_sum_open(ada: Person, journey: Trip) -> None:
    answer = tell(ada, journey, fares=[SEAT])

    assert answer.status_code == 200
    assert expected(journey).code == "claim.costs-untold"


def test_nothing_but_the_night_may_be_all_there_is_to_tell(ada: Person, journey: Trip) -> None:
    night = {"date": "2026-11-23", "kind": "relatives"}

    assert tell(ada, journey, nights=[night]).json()["expected"]["total"] == 120_000


def test_a_later_telling_replaces_the_earlier_and_its_day_counts(
    ada: Person, journey: Trip, clock: Clock
) -> None:
    tell(ada, journey, **TOLD)
    clock.later(days=3)
    tell(ada, journey, nights=[BED])

    costs = Trip.objects.get(pk=journey.pk).costs
    assert costs == {"nights": [BED], "claimed_on": "2026-11-26"}
    assert types()[-2:] == ["correction", "correction"]


@pytest.mark.parametrize(
    ("said", "code", "path"),
    [
        ({"fares": [SEAT | {"amount": -1}]}, "facts.money", "trips[0].fares[0].amount"),
        ({"fares": [SEAT | {"amount": 1.5}]}, "facts.money", "trips[0].fares[0].amount"),
        ({"fares": [SEAT | {"seat": 1}]}, "facts.unknown_field", "trips[0].fares[0].seat"),
        ({"nights": [BED, BED]}, "lodging.duplicate_night", "trips[0].nights[1].date"),
        (
            {"nights": [BED | {"date": "2026-11-25"}]},
            "lodging.date_outside_trip",
            "trips[0].nights[0].date",
        ),
    ],
)
def test_a_fault_is_named_and_nothing_is_kept(
    said: dict[str, Any], code: str, path: str, ada: Person, journey: Trip
) -> None:
    before = types()
    answer = tell(ada, journey, **said)

    assert answer.status_code == 400
    assert answer.json()["code"] == "claim.refused"
    assert [(f["code"], f["path"]) for f in answer.json()["faults"]] == [(code, path)]
    assert Trip.objects.get(pk=journey.pk).costs is None
    assert types() == before


@pytest.mark.parametrize("said", [{"night": [BED]}, {"fares": "x"}, {"fares": [SEAT] * 101}])
def test_another_shape_is_refused(said: dict[str, Any], ada: Person, journey: Trip) -> None:
    assert tell(ada, journey, **said).json()["code"] == "request.shape"


@pytest.mark.parametrize("name", ["bora", "felix", "mallory"])
def test_nobody_else_tells_what_it_cost(
    name: str, journey: Trip, request: pytest.FixtureRequest
) -> None:
    assert tell(request.getfixturevalue(name), journey, **TOLD).status_code == 404


@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTED, State.SETTLED, State.CANCELLED])
def test_costs_are_told_of_a_trip_that_is_ordered_and_not_yet_paid(
    state: str, ada: Person, journey: Trip
) -> None:
    Trip.objects.filter(pk=journey.pk).update(state=state)

    answer = tell(ada, journey, **TOLD)
    assert (answer.status_code, answer.json()["code"]) == (409, "trip.move-refused")
