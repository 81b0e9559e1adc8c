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


@pytest.mark.parametrize(("day", "status"), [("2026-11-22", 200), ("2026-11-21", 400)])
def test_a_ride_of_another_journey_is_none_of_this_one(
    day: str, status: int, ada: Person, journey: Trip
) -> None:
    answer = tell(ada, journey, fares=[SEAT | {"date": day}], nights=[BED])

    assert answer.status_code == status
    assert ("costs.fare_date" in answer.content.decode()) == (status == 400)


def test_costs_told_after_the_confirmation_are_confirmed_once_more(
    ada: Person, journey: Trip
) -> None:
    Trip.objects.filter(pk=journey.pk).update(state=State.CONFIRMED)

    assert tell(ada, journey, **TOLD).status_code == 200
    assert Trip.objects.get(pk=journey.pk).state == State.RETURNED


# -- the page --------------------------------------------------------------------------


def blank(nights: int = 1, fares: int = 4) -> dict[str, Any]:
    """The page as it is sent when nothing but the first night was filled in."""
    said: dict[str, Any] = {}
    for n in range(fares):
        said |= {f"fare-{n}-day": "2026-11-23", f"fare-{n}-mode": "", f"fare-{n}-evidence": "none"}
    for n in range(nights):
        said |= {f"night-{n}-kind": "relatives", f"night-{n}-evidence": "none"}
    return said | {f"meals-{n}-provided": "0" for n in range(nights + 1)}


def send(who: Person, trip: Trip, **said: Any) -> Any:
    return phone_of(who).post(f"/trips/{trip.uid}/costs/", blank() | said)


def row(n: int, **said: Any) -> dict[str, Any]:
    return {f"fare-{n}-{name}": value for name, value in said.items()}


def kept(trip: Trip) -> Any:
    return Trip.objects.get(pk=trip.pk).costs


def test_the_page_tells_rides_nights_and_meals(ada: Person, journey: Trip) -> None:
    night = {"kind": "paid", "paid": "60000", "unit": "26470", "evidence": "card"}
    answer = send(
        ada,
        journey,
        **row(0, mode="rail", amount="50000", standard_amount="40000", evidence="ticket"),
        **row(1, mode="taxi", amount="9000", unavoidable="on", evidence="card"),
        **row(2, mode="private_car", amount="18000", evidence="toll", day="2026-11-24"),
        **{f"night-0-{name}": value for name, value in night.items()},
        **{"meals-1-provided": "2"},
    )

    assert answer.status_code == 302
    assert kept(journey) == {
        "fares": [
            {
                "date": "2026-11-23",
                "mode": "rail",
                "amount": 50_000,
                "evidence": "ticket",
                "class": "superior",
                "standard_amount": 40_000,
            },
            {
                "date": "2026-11-23",
                "mode": "taxi",
                "amount": 9_000,
                "evidence": "card",
                "unavoidable": True,
            },
            {
                "date": "2026-11-24",
                "mode": "private_car",
                "role": "driver",
                "public_transport_fare": 18_000,
                "evidence": "toll",
            },
        ],
        "nights": [
            {
                "date": "2026-11-23",
                "kind": "paid",
                "paid": 60_000,
                "unit": "26000",
                "evidence": "card",
            }
        ],
        "meals_provided": [{"date": "2026-11-24", "meals": 2}],
        "claimed_on": "2026-11-23",
    }


def test_a_shared_room_is_told_with_its_heads(ada: Person, journey: Trip) -> None:
    room = {"kind": "shared", "paid": "90000", "unit": "26470", "heads": "2", "evidence": "card"}
    send(ada, journey, **{f"night-0-{name}": value for name, value in room.items()})

    (night,) = kept(journey)["nights"]
    assert night["shared"] == {"heads": 2, "total": 90_000, "claimed_heads": 1}
    assert "paid" not in night


def test_the_page_shows_what_was_told_and_sending_it_again_changes_nothing(
    ada: Person, journey: Trip
) -> None:
    better = SEAT | {"class": "superior", "standard_amount": 5_000}
    drove = {"date": "2026-11-24", "mode": "private_car", "role": "driver"}
    plain = drove | {"public_transport_fare": 9_000, "evidence": "toll"}
    by_road = plain | {"unavoidable": True, "reason": "심야", "distance_m": 1_000}
    by_road |= {"fuel": "gasoline"}
    payer = [{"item": "meals", "amount": 1_000}]
    meals = [{"date": "2026-11-24", "meals": 1}]
    bed = BED | {"unit": "26000"}
    told = {"fares": [better, plain, by_road], "nights": [bed], "meals_provided": meals}
    assert tell(ada, journey, **told, other_payer=payer).status_code == 200

    page = phone_of(ada).get(f"/trips/{journey.uid}/costs/")
    said = {
        bound.html_name: bound.value()
        for form in page.context["told"]
        for bound in form
        if bound.value() not in (None, False, "")
    }
    phone_of(ada).post(f"/trips/{journey.uid}/costs/", said)

    assert kept(journey) == told | {"other_payer": payer, "claimed_on": "2026-11-23"}


@pytest.mark.parametrize(
    "said",
    [
        {"night-0-kind": ""},
        {"night-0-kind": "paid"},
        {"night-0-kind": "paid", "night-0-paid": "1", "night-0-unit": "99999"},
        {"night-0-kind": "shared", "night-0-paid": "1", "night-0-unit": "26470"},
        row(0, mode="rail"),
        row(0, amount="1"),
        row(0, mode="rail", amount="-1"),
        row(0, mode="rail", amount="1", day="2026-11-22"),
        {"meals-0-provided": "4"},
    ],
)
def test_a_fault_stays_on_the_page_and_nothing_is_kept(
    said: dict[str, Any], ada: Person, journey: Trip
) -> None:
    answer = send(ada, journey, **said)

    assert answer.status_code == 400
    assert "error-summary" in answer.content.decode()
    assert kept(journey) is None


def test_what_only_the_engine_finds_is_said_on_the_page(ada: Person, journey: Trip) -> None:
    tell(ada, journey, **TOLD, not_needed_dates=["2026-11-24"])
    Trip.objects.filter(pk=journey.pk).update(ends_at=NOON + timedelta(hours=4))
    answer = phone_of(ada).post(f"/trips/{journey.uid}/costs/", blank(nights=0, fares=5))

    assert answer.status_code == 400
    assert "trips[0].not_needed_dates[0]: 허용 범위를 벗어났습니다" in answer.content.decode()


def test_a_trip_too_long_for_the_page_says_so(ada: Person, journey: Trip) -> None:
    Trip.objects.filter(pk=journey.pk).update(ends_at=NOON + timedelta(days=40))
    page = phone_of(ada).get(f"/trips/{journey.uid}/costs/").content.decode()

    assert "지출담당" in page
    assert "night-0-kind" not in page


def test_the_trip_leads_to_the_page_while_costs_may_be_told(ada: Person, journey: Trip) -> None:
    address = f"/trips/{journey.uid}/costs/"
    phone = phone_of(ada)

    assert address in phone.get(f"/trips/{journey.uid}/").content.decode()
    tell(ada, journey, **TOLD)
    assert address in phone.get(f"/trips/{journey.uid}/").content.decode()
    Trip.objects.filter(pk=journey.pk).update(state=State.SETTLED)
    assert address not in phone.get(f"/trips/{journey.uid}/").content.decode()


# -- near the office -------------------------------------------------------------------


@pytest.fixture
def errand(trip: Trip) -> Trip:
    """Ada's trip to the site, which turns out to be around the corner."""
    trip.distances.update(one_way_m=900)
    return trip


def test_near_the_office_the_page_asks_for_what_was_really_paid(ada: Person, errand: Trip) -> None:
    phone = phone_of(ada)
    address = f"/trips/{errand.uid}/costs/"
    said = {f"small-{n}-evidence": "none" for n in range(4)}
    said |= {"small-0-kind": "taxi", "small-0-amount": "5200", "small-0-evidence": "card"}

    assert expected(errand).total == 0
    assert address in phone.get(f"/trips/{errand.uid}/").content.decode()
    assert phone.post(address, said).status_code == 302
    assert expected(errand).total == 5_200
    assert kept(errand)["actual_costs"] == [{"kind": "taxi", "amount": 5_200, "evidence": "card"}]


def test_small_costs_are_changed_on_the_page_and_the_rest_is_kept(
    ada: Person, errand: Trip
) -> None:
    dated = {"kind": "bus", "amount": 1_500, "evidence": "card", "evidence_date": "2026-11-23"}
    payer = [{"item": "in_area", "amount": 500}]
    taxi = {"kind": "taxi", "amount": 5_200, "evidence": "card"}
    tell(ada, errand, actual_costs=[taxi, dated], other_payer=payer)
    said = {f"small-{n}-evidence": "none" for n in range(5)}
    phone_of(ada).post(f"/trips/{errand.uid}/costs/", said)

    assert kept(errand) == {
        "actual_costs": [dated],
        "other_payer": payer,
        "claimed_on": "2026-11-23",
    }


@pytest.mark.parametrize(
    "said", [{"small-0-kind": "taxi"}, {"small-0-amount": "1"}, {"small-0-kind": "lunch"}]
)
def test_half_a_cost_stays_on_the_page(said: dict[str, Any], ada: Person, errand: Trip) -> None:
    whole = {f"small-{n}-evidence": "none" for n in range(4)} | said

    assert phone_of(ada).post(f"/trips/{errand.uid}/costs/", whole).status_code == 400
    assert kept(errand) is None


def test_an_ordinary_trip_in_the_area_asks_for_no_costs(ada: Person, trip: Trip) -> None:
    page = phone_of(ada).get(f"/trips/{trip.uid}/").content.decode()

    assert f"/trips/{trip.uid}/costs/" not in page


def test_the_api_reads_what_was_told(ada: Person, journey: Trip) -> None:
    assert tell(ada, journey, **TOLD).json()["costs"] == TOLD | {"claimed_on": "2026-11-23"}
