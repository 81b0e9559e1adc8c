"""What a claim's facts are read as, and how each wrong one is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from attest.allowance import claim_from

from .claims import claim, trip
from .facts_told import (
    BY_ROAD,
    EVERYTHING,
    MISSING,
    NIGHT,
    OWN_CAR,
    SHARED,
    SHARED_NIGHT,
    changed,
    faults,
    of,
)

# -- reading ---------------------------------------------------------------------------


def test_everything_the_contract_lists_is_read() -> None:
    (one,) = claim_from(EVERYTHING).trips

    assert one.rule_set == "kr-changwon"
    assert one.grade == 1
    assert one.evidenced.seconds == 14_340
    assert one.fares[2].own_car.toll == 1_000
    assert one.nights[0].city_class == "other"
    assert one.public_car_dates == (date(2026, 10, 6),)


def test_what_is_left_out_has_the_default_of_the_contract() -> None:
    bare = trip(distances=[{"from": "start", "one_way_m": 7, "method": "declared"}])
    said = claim_from(claim(bare, rule_set="kr-gwangsan"))
    (one,) = said.trips

    assert said.id is None
    assert one.rule_set == "kr-gwangsan"
    assert one.grade == 2
    assert one.time_known
    assert one.ordered
    assert one.public_car == "none"
    assert one.public_car_dates is None
    assert one.distances[0].round_trip_m == 14
    assert (one.already_paid, one.fares, one.stay) == (0, (), None)


def test_an_id_may_be_null_for_that_is_its_default() -> None:
    assert claim_from(claim(trip(), id=None)).id is None


@pytest.mark.parametrize("said", [None, 1, "x", [], True])
def test_a_claim_is_an_object(said: object) -> None:
    assert faults(said) == [("facts.type", "")]


# -- one fault, one code, one path -----------------------------------------------------

T = "trips[0]"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("contract", MISSING, "facts.missing"),
        ("contract", "allowance/2", "facts.contract"),
        ("contract", 1, "facts.type"),
        ("id", "", "facts.range"),
        ("id", "x" * 65, "facts.range"),
        ("id", 1, "facts.type"),
        ("rule_set", None, "facts.type"),
        ("person", MISSING, "facts.missing"),
        ("person", [], "facts.type"),
        ("person.id", MISSING, "facts.missing"),
        ("person.grade", MISSING, "facts.missing"),
        ("person.grade", 3, "facts.enum"),
        ("person.grade", True, "facts.type"),
        ("person.grade", "2", "facts.type"),
        ("person.dedicated_car", 1, "facts.type"),
        ("person.hired_driver", "no", "facts.type"),
        ("person.name", "x", "facts.unknown_field"),
        ("trips", MISSING, "facts.missing"),
        ("trips", {}, "facts.type"),
        ("trips", [{}] * 201, "facts.range"),
        ("trips[0]", 1, "facts.type"),
        ("surplus", 1, "facts.unknown_field"),
        (f"{T}.id", MISSING, "facts.missing"),
        (f"{T}.starts_at", MISSING, "facts.missing"),
        (f"{T}.starts_at", 1, "facts.type"),
        (f"{T}.starts_at", "2026-10-06T09:00:00", "facts.time"),
        (f"{T}.starts_at", "2026-10-06T09:00:00.0+09:00", "facts.time"),
        (f"{T}.starts_at", "2026-10-06 09:00:00+09:00", "facts.time"),
        (f"{T}.starts_at", "2026-10-06T09:00+09:00", "facts.time"),
        (f"{T}.starts_at", "2026-10-06T24:00:00+09:00", "facts.time"),
        (f"{T}.starts_at", "2026-10-06T08:59:60+09:00", "facts.time"),
        (f"{T}.starts_at", "2026-02-29T09:00:00+09:00", "facts.time"),
        (f"{T}.starts_at", "2026-10-06T09:00:00+0900", "facts.time"),
        (f"{T}.starts_at", "2026-10-06T09:00:00+24:00", "facts.time"),
        (f"{T}.starts_at", "２026-10-06T09:00:00+09:00", "facts.time"),
        (f"{T}.starts_at", "0001-01-01T00:00:00+23:00", "facts.time"),
        (f"{T}.ends_at", "9999-12-31T23:00:00Z", "facts.time"),
        (f"{T}.ends_at", "2026-10-06T08:59:59+09:00", "trip.end_before_start"),
        (f"{T}.time_known", None, "facts.type"),
        (f"{T}.booked_on", "2026-9-1", "facts.date"),
        (f"{T}.booked_on", "2026-02-29", "facts.date"),
        (f"{T}.booked_on", "20260901", "facts.date"),
        (f"{T}.booked_on", 20260901, "facts.type"),
        (f"{T}.ordered", "yes", "facts.type"),
        (f"{T}.grade", 0, "facts.enum"),
        (f"{T}.workplace", "48121", "facts.type"),
        (f"{T}.workplace.unit", "4812", "facts.range"),
        (f"{T}.workplace.unit", "４8121", "facts.range"),
        (f"{T}.workplace.unit", 48121, "facts.type"),
        (f"{T}.workplace.same_site", True, "facts.unknown_field"),
        (f"{T}.workplace.name", "x" * 501, "facts.range"),
        (f"{T}.workplace.name", "\ud800", "facts.type"),
        (f"{T}.destination.same_site", "no", "facts.type"),
        (f"{T}.same_unit", 0, "facts.type"),
        (f"{T}.area_decided.area", "none", "facts.enum"),
        (f"{T}.area_decided.reason", MISSING, "facts.missing"),
        (f"{T}.distances[0].from", "home", "facts.enum"),
        (f"{T}.distances[0].one_way_m", -1, "facts.range"),
        (f"{T}.distances[0].one_way_m", 1.0, "facts.type"),
        (f"{T}.distances[0].one_way_m", True, "facts.type"),
        (f"{T}.distances[0].method", MISSING, "facts.missing"),
        (f"{T}.evidenced.ends_at", "2026-10-06T00:00:59Z", "trip.end_before_start"),
        (f"{T}.public_car", "all", "facts.enum"),
        (f"{T}.public_car_dates[0]", "2026-10-07", "facts.range"),
        (f"{T}.actual_costs[0].kind", "plane", "facts.enum"),
        (f"{T}.actual_costs[0].amount", MISSING, "facts.missing"),
        (f"{T}.actual_costs[0].amount", -1, "facts.money"),
        (f"{T}.actual_costs[0].amount", 0.5, "facts.money"),
        (f"{T}.actual_costs[0].amount", "5200", "facts.money"),
        (f"{T}.actual_costs[0].amount", True, "facts.money"),
        (f"{T}.actual_costs[0].amount", None, "facts.money"),
        (f"{T}.actual_costs[0].amount", 1_000_000_001, "facts.money"),
        (f"{T}.actual_costs[0].evidence", "receipt", "facts.enum"),
        (f"{T}.fares[0].mode", "car", "facts.enum"),
        (f"{T}.fares[0].amount", MISSING, "facts.missing"),
        (f"{T}.fares[0].class", "first", "facts.enum"),
        (f"{T}.fares[1].role", "pilot", "facts.enum"),
        (f"{T}.fares[1].role", MISSING, "facts.missing"),
        (f"{T}.fares[1].public_transport_fare", MISSING, "facts.missing"),
        (f"{T}.fares[2].fuel", MISSING, "facts.missing"),
        (f"{T}.fares[2].fuel", "coal", "facts.enum"),
        (f"{T}.fares[2].fuel_price", 1_500, "facts.money"),
        (f"{T}.fares[2].fuel_price", "1,500", "facts.money"),
        (f"{T}.fares[2].fuel_price", "1e3", "facts.money"),
        (f"{T}.fares[2].fuel_price", "-1", "facts.money"),
        (f"{T}.fares[2].fuel_price", "1000000001", "facts.money"),
        (f"{T}.fares[2].distance_m", MISSING, "facts.missing"),
        (f"{T}.nights[0].kind", "hotel", "facts.enum"),
        (f"{T}.nights[0].paid", MISSING, "facts.missing"),
        (f"{T}.nights[0].date", "2026-10-07", "lodging.date_outside_trip"),
        (f"{T}.meals_provided[0].meals", 0, "facts.range"),
        (f"{T}.meals_provided[0].meals", 4, "facts.range"),
        (f"{T}.meals_provided[0].date", "2026-10-05", "facts.range"),
        (f"{T}.not_needed_dates[0]", "2026-10-05", "facts.range"),
        (f"{T}.not_needed_dates", "2026-10-06", "facts.type"),
        (f"{T}.stay.arrived_on", MISSING, "facts.missing"),
        (f"{T}.stay.away_dates[0]", "x", "facts.date"),
        (f"{T}.other_payer[0].item", "coffee", "facts.enum"),
        (f"{T}.claimed_on", "2026-13-01", "facts.date"),
        (f"{T}.already_paid", 1.5, "facts.money"),
        (f"{T}.standing_duty", None, "facts.type"),
        ("standing.month", "2026-13", "facts.date"),
        ("standing.month", "2026-10-01", "facts.date"),
        ("standing.days", 32, "facts.range"),
        ("standing.days", -1, "facts.range"),
        ("standing.days", "3", "facts.type"),
        ("standing.monthly_amount", MISSING, "facts.missing"),
        ("recovery[0].fraud", MISSING, "facts.missing"),
        ("recovery[0].amount", MISSING, "facts.missing"),
        ("recovery[0].received_on", MISSING, "facts.missing"),
        ("recovery[0].id", MISSING, "facts.missing"),
    ],
)
def test_one_wrong_value_is_one_fault_at_its_path(path: str, value: object, code: str) -> None:
    assert faults(changed(path, value)) == [(code, path)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "x" * 64),
        (f"{T}.workplace.name", "가" * 500),
        (f"{T}.already_paid", 1_000_000_000),
        (f"{T}.ends_at", "2026-10-06T09:00:00+09:00"),
        (f"{T}.starts_at", "2026-10-05T15:00:00Z"),
        ("standing.days", 0),
        ("standing.days", 31),
        (f"{T}.distances[0].one_way_m", 0),
    ],
)
def test_the_limits_themselves_are_allowed(path: str, value: object) -> None:
    claim_from(changed(path, value))


# -- what belongs together -------------------------------------------------------------


def test_faults_are_named_in_the_order_of_the_contract() -> None:
    said = changed(f"{T}.fares[1].mode", "car")
    said["surplus"] = 1
    said["person"] = {"grade": "2"}
    said["trips"][0]["already_paid"] = -1
    said["trips"][0]["starts_at"] = "soon"
    said["trips"].append({"id": "t1", "what": 1})

    assert faults(dict(reversed(said.items()))) == [
        ("facts.missing", "person.id"),
        ("facts.type", "person.grade"),
        ("facts.time", "trips[0].starts_at"),
        ("facts.enum", "trips[0].fares[1].mode"),
        ("facts.money", "trips[0].already_paid"),
        ("trip.duplicate_id", "trips[1].id"),
        ("facts.missing", "trips[1].starts_at"),
        ("facts.missing", "trips[1].ends_at"),
        ("facts.missing", "trips[1].workplace.unit"),
        ("facts.missing", "trips[1].destination.unit"),
        ("facts.unknown_field", "trips[1].what"),
        ("facts.unknown_field", "surplus"),
    ]


def test_trips_may_be_empty_only_beside_what_else_is_asked() -> None:
    standing, recovery = EVERYTHING["standing"], EVERYTHING["recovery"]

    assert faults(claim()) == [("facts.missing", "trips")]
    assert faults(claim(recovery=[])) == [("facts.missing", "trips")]
    assert claim_from(claim(standing=standing)).trips == ()
    assert claim_from(claim(recovery=recovery)).trips == ()


def test_two_hundred_trips_are_allowed() -> None:
    trips = [trip(id=f"t{n}") for n in range(200)]

    assert len(claim_from(claim(*trips)).trips) == 200


def test_both_units_are_required_unless_somebody_decided() -> None:
    here, there = f"{T}.workplace.unit", f"{T}.destination.unit"

    assert of(workplace={}, destination={"name": "x"}) == [
        ("facts.missing", here),
        ("facts.missing", there),
    ]
    decided = {"area": "in", "reason": "확인함"}
    for said in ({"same_unit": False}, {"area_decided": decided}):
        claim_from(claim(trip(workplace={}, destination={}, **said)))


def test_no_date_is_compared_with_a_trip_whose_own_dates_are_faulty() -> None:
    assert of(starts_at="soon", nights=[NIGHT | {"date": "2020-01-01"}]) == [
        ("facts.time", f"{T}.starts_at")
    ]


def test_an_end_at_midnight_belongs_to_the_day_before() -> None:
    at: dict[str, Any] = {"ends_at": "2026-10-07T00:00:00+09:00"}
    at["not_needed_dates"] = ["2026-10-07"]

    assert of(**at) == [("facts.range", f"{T}.not_needed_dates[0]")]
    at["ends_at"] = "2026-10-07T00:00:01+09:00"
    claim_from(claim(trip(**at)))


@pytest.mark.parametrize(
    ("night", "found"),
    [
        (NIGHT | {"unit": "11110"}, [("lodging.place", f"{T}.nights[0]")]),
        (SHARED_NIGHT | {"shared": SHARED}, []),
        (SHARED_NIGHT, [("facts.missing", f"{T}.nights[0].shared")]),
        (
            SHARED_NIGHT | {"shared": SHARED, "class": "seoul"},
            [("lodging.place", f"{T}.nights[0]")],
        ),
        (
            SHARED_NIGHT | {"shared": SHARED | {"heads": 1}},
            [("facts.range", f"{T}.nights[0].shared.heads")],
        ),
        (
            SHARED_NIGHT | {"shared": SHARED | {"heads": 51}},
            [("facts.range", f"{T}.nights[0].shared.heads")],
        ),
        (
            SHARED_NIGHT | {"shared": SHARED | {"total": 0}},
            [("facts.range", f"{T}.nights[0].shared.total")],
        ),
        (
            SHARED_NIGHT | {"shared": SHARED | {"claimed_heads": 2}},
            [("facts.range", f"{T}.nights[0].shared.claimed_heads")],
        ),
        ({"date": "2026-10-06", "kind": "relatives"}, []),
        (
            {"date": "2026-10-06", "kind": "paid", "paid": 1},
            [
                ("lodging.place", f"{T}.nights[0]"),
            ],
        ),
    ],
)
def test_a_night_says_where_and_with_whom(
    night: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    if found:
        assert of(nights=[night]) == found
    else:
        claim_from(claim(trip(nights=[night])))


def test_one_date_has_one_night() -> None:
    assert of(nights=[NIGHT, NIGHT]) == [("lodging.duplicate_night", f"{T}.nights[1].date")]


@pytest.mark.parametrize(
    ("fare", "missing"),
    [
        (OWN_CAR | {"role": "passenger"}, []),
        (OWN_CAR, ["public_transport_fare"]),
        (OWN_CAR | BY_ROAD, ["public_transport_fare"]),
        (OWN_CAR | BY_ROAD | {"unavoidable": True}, ["public_transport_fare"]),
        (
            OWN_CAR | BY_ROAD | {"unavoidable": True, "reason": " "},
            ["public_transport_fare"],
        ),
        (OWN_CAR | BY_ROAD | {"unavoidable": True, "reason": "막차"}, []),
        (
            OWN_CAR | {"unavoidable": True, "reason": "막차"},
            ["distance_m", "fuel", "fuel_price"],
        ),
        (
            OWN_CAR | {"unavoidable": True, "reason": "막차", "public_transport_fare": 1},
            [],
        ),
    ],
)
def test_a_driver_gives_one_fare_or_the_other(fare: dict[str, Any], missing: list[str]) -> None:
    expected = [("facts.missing", f"{T}.fares[0].{name}") for name in missing]
    if expected:
        assert of(fares=[fare]) == expected
    else:
        claim_from(claim(trip(fares=[fare])))
