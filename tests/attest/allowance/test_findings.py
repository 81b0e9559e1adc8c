"""Findings: each check at its edge, and silent where its inputs are absent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.allowance import (
    Refused,
    batch_from,
    canonical,
    find,
    findings_as_dict,
    read_batch,
)
from attest.errors import ClaimRefused

from .claims import rules

Found = list[tuple[str, list[str]]]


def trip(hours: str = "09:00:00-13:00:00", **said: Any) -> dict[str, Any]:
    """A trip of p1 on 2026-10-06 that nothing is wrong with."""
    start, end = (f"2026-10-06T{clock}+09:00" for clock in hours.split("-"))
    told = {"id": "a", "person": "p1", "starts_at": start, "ends_at": end}
    return told | {"area": "in", "destination_text": "진주시청"} | said


def found(*trips: dict[str, Any], **said: Any) -> Found:
    batch = batch_from({"contract": "findings/1", "trips": [*trips]} | said)
    return [(one.code, [*one.trips]) for one in find(batch, rules())]


def span(hours: str) -> dict[str, Any]:
    start, end = hours.split("-")
    return {"starts_at": f"2026-10-06T{start}+09:00", "ends_at": f"2026-10-06T{end}+09:00"}


def log(hours: str, driver: str = "p1", *passengers: str) -> dict[str, Any]:
    return {"vehicle": "12가3456", "driver": driver, "passengers": [*passengers]} | span(hours)


def test_an_ordinary_trip_has_no_finding() -> None:
    assert found(trip(public_car="none", flat_paid=20_000, round_trip_m=8_000)) == []
    assert found() == []


# -- twice and at once -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ({}, "trip.duplicate"),
        ({"destination_text": " 진주시청 "}, "trip.duplicate"),
        ({"destination_text": "진주 시청"}, "trip.overlap"),
        ({"hours": "09:00:00-13:00:01"}, "trip.overlap"),
        ({"hours": "12:59:59-15:00:00"}, "trip.overlap"),
        ({"hours": "13:00:00-15:00:00"}, None),
        ({"person": "p2"}, None),
    ],
)
def test_two_trips_of_one_person_are_one_trip_or_overlap(
    second: dict[str, Any], code: str | None
) -> None:
    expected = [(code, ["a", "b"])] if code else []

    assert found(trip(), trip(id="b", **second)) == expected


def test_without_a_destination_equal_hours_are_an_overlap() -> None:
    one = trip()
    del one["destination_text"]

    assert found(one, trip(id="b")) == [("trip.overlap", ["a", "b"])]


def test_unknown_hours_overlap_nothing_but_may_be_the_same_trip() -> None:
    unclocked: dict[str, Any] = {"time_known": False}

    assert found(trip(**unclocked), trip("10:00:00-11:00:00", id="b")) == []
    assert found(trip(**unclocked), trip(id="b")) == [("trip.duplicate", ["a", "b"])]


def test_a_trip_of_no_length_is_found_twice_behind_another() -> None:
    dot = "09:00:00-09:00:00"
    trips = [trip(dot, id="a"), trip(dot, id="b", destination_text="x"), trip(dot, id="c")]

    assert found(*trips) == [("trip.duplicate", ["a", "c"])]


def test_every_pair_is_named() -> None:
    hours = ["09:00:00-18:00:00", "10:00:00-17:00:00", "11:00:00-12:00:00"]
    trips = [trip(clock, id=name) for clock, name in zip(hours, "abc", strict=True)]

    assert found(*trips) == [
        ("trip.overlap", ["a", "b"]),
        ("trip.overlap", ["a", "c"]),
        ("trip.overlap", ["b", "c"]),
    ]


# -- money -----------------------------------------------------------------------------


@pytest.mark.parametrize(("second", "over"), [(9_999, False), (10_000, False), (10_001, True)])
def test_the_in_area_money_of_a_day_has_a_cap(second: int, *, over: bool) -> None:
    trips = [
        trip("09:00:00-12:00:00", flat_paid=10_000),
        trip("13:00:00-14:00:00", id="b", flat_paid=second),
        trip("15:00:00-16:00:00", id="c", flat_paid=0),
        trip("17:00:00-18:00:00", id="d", flat_paid=90_000, area="out"),
        trip("17:00:00-18:00:00", id="e", flat_paid=20_000, person="p2"),
    ]

    assert found(*trips) == ([("day.over_cap", ["a", "b"])] if over else [])


@pytest.mark.parametrize(("won", "over"), [(300_000, False), (300_001, True)])
def test_more_than_three_hundred_thousand_a_month_is_looked_at(won: int, *, over: bool) -> None:
    other = {"starts_at": "2026-10-31T09:00:00+09:00", "ends_at": "2026-10-31T10:00:00+09:00"}
    next_month = {"starts_at": "2026-11-01T09:00:00+09:00", "ends_at": "2026-11-01T10:00:00+09:00"}
    trips = [
        trip(area="out", flat_paid=10_000),
        trip(id="b", area="out", flat_paid=won - 10_000) | other,
        trip(id="c", area="out", flat_paid=10_000) | next_month,
    ]

    assert found(*trips) == ([("month.over_threshold", ["a", "b"])] if over else [])


@pytest.mark.parametrize(
    ("metres", "codes"),
    [
        (0, ["near.flat_paid"]),
        (1_899, ["near.flat_paid"]),
        (1_900, ["near.band", "near.flat_paid"]),
        (2_000, ["near.band", "near.flat_paid"]),
        (2_001, ["near.band"]),
        (2_100, ["near.band"]),
        (2_101, []),
    ],
)
def test_a_flat_sum_within_two_kilometres_is_found(metres: int, codes: list[str]) -> None:
    assert found(trip(round_trip_m=metres, flat_paid=10_000)) == [(c, ["a"]) for c in codes]


@pytest.mark.parametrize("said", [{"flat_paid": 0}, {}, {"flat_paid": 10_000, "area": "out"}])
def test_without_a_flat_sum_in_area_a_short_way_is_no_finding(said: dict[str, Any]) -> None:
    assert found(trip(round_trip_m=500, **said)) == []


@pytest.mark.parametrize(("paid", "over"), [(70_000, False), (70_001, True)])
def test_lodging_over_its_cap_is_found(paid: int, *, over: bool) -> None:
    said = found(trip(area="out", lodging_paid=paid, lodging_cap=70_000))

    assert said == ([("lodging.over_cap", ["a"])] if over else [])
    assert found(trip(area="out", lodging_paid=paid)) == []


def test_a_fare_of_a_passenger_or_of_a_cancelled_ticket_is_found() -> None:
    passenger = {"mode": "private_car", "role": "passenger"}

    assert found(trip(fares=[passenger | {"amount": 1}])) == [("fare.passenger", ["a"])]
    assert found(trip(fares=[passenger | {"amount": 0}, passenger])) == []
    assert found(trip(fares=[{"status": "cancelled"}])) == [("fare.cancelled_ticket", ["a"])]


# -- place, order, hours ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("", True),
        ("  ", True),
        (" 관내 ", True),
        ("관내  일원", True),
        ("관내일원", True),
        ("관내전역", True),
        ("현장", True),
        ("관내 초등학교 3곳", False),
        ("진해구청", False),
    ],
)
def test_a_destination_that_names_no_place_is_found(text: str, *, bare: bool) -> None:
    assert found(trip(destination_text=text)) == ([("place.bare", ["a"])] if bare else [])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"same_site": True}, "place.same_site"),
        ({"ordered": False}, "order.missing"),
        ({"approved_at": "2026-10-06T09:00:01+09:00"}, "order.late"),
        ({"approved_at": "2026-10-06T09:00:00+09:00"}, None),
        ({"registered_at": "2026-10-06T13:00:01+09:00"}, "entry.late"),
        ({"registered_at": "2026-10-06T13:00:00+09:00"}, None),
        ({"stay_seconds": 599}, "stay.short"),
        ({"stay_seconds": 600}, None),
    ],
)
def test_what_a_trip_says_of_itself(said: dict[str, Any], code: str | None) -> None:
    assert found(trip(**said)) == ([(code, ["a"])] if code else [])


@pytest.mark.parametrize(
    ("claimed", "end", "codes"),
    [
        ("09:00:00-13:00:00", "12:30:01", ["hours.below_four"]),
        ("09:00:00-13:00:00", "12:30:00", ["hours.below_four", "hours.early_return"]),
        ("09:00:00-12:59:59", "12:40:00", []),
        ("09:00:00-14:00:00", "13:00:00", ["hours.early_return"]),
        ("09:00:00-14:00:00", "13:30:01", []),
    ],
)
def test_evidenced_hours_under_the_claimed_ones_are_found(
    claimed: str, end: str, codes: list[str]
) -> None:
    shown = span(f"09:00:00-{end}")

    assert found(trip(claimed, evidenced=shown)) == [(code, ["a"]) for code in codes]


def test_an_early_return_needs_no_arrival() -> None:
    shown = {"ends_at": "2026-10-06T12:00:00+09:00"}

    assert found(trip(evidenced=shown)) == [("hours.early_return", ["a"])]
    assert found(trip(evidenced=shown, time_known=False)) == []


# -- log, absences, companions, papers -------------------------------------------------


@pytest.mark.parametrize(
    ("car", "entry", "code"),
    [
        ("none", log("08:00:00-09:00:01"), "car.undeclared"),
        ("none", log("08:00:00-09:00:00"), None),
        ("none", log("12:00:00-14:00:00", "p2", "p3", "p1"), "car.undeclared"),
        ("none", log("12:00:00-14:00:00", "p2"), None),
        ("part", log("12:00:00-14:00:00"), None),
        ("whole", log("13:00:00-14:00:00"), "car.no_log"),
        ("part", log("12:00:00-14:00:00", "p2"), "car.no_log"),
    ],
)
def test_the_vehicle_log_and_the_trip_agree(
    car: str, entry: dict[str, Any], code: str | None
) -> None:
    said = found(trip(public_car=car), vehicle_log=[entry])

    assert said == ([(code, ["a"])] if code else [])
    assert found(trip(public_car=car, time_known=False), vehicle_log=[entry]) == []
    assert found(trip(public_car=car)) == []


def test_an_empty_log_is_a_log() -> None:
    assert found(trip(public_car="whole"), vehicle_log=[]) == [("car.no_log", ["a"])]


def test_a_long_ride_is_found_behind_a_short_one() -> None:
    rides = [log("06:00:00-18:00:00"), log("07:00:00-08:00:00")]

    assert found(trip(public_car="none"), vehicle_log=rides) == [("car.undeclared", ["a"])]


@pytest.mark.parametrize("kind", ["leave", "overtime", "training"])
def test_a_trip_during_an_absence_is_found(kind: str) -> None:
    def beside(hours: str, person: str = "p1", **said: Any) -> Found:
        absence = {"person": person, "kind": kind} | span(hours)
        return found(trip(**said), absences=[absence])

    assert beside("12:59:59-18:00:00") == [(f"absence.{kind}", ["a"])]
    assert beside("13:00:00-18:00:00") == []
    assert beside("12:00:00-18:00:00", "p2") == []
    assert beside("12:00:00-18:00:00", time_known=False) == []


def test_a_companion_without_such_a_trip_is_found() -> None:
    theirs = trip("12:00:00-14:00:00", id="b", person="p2")
    later = trip("13:00:00-14:00:00", id="b", person="p2")
    somewhen = later | {"time_known": False}

    assert found(trip(companions=["p2"])) == [("companion.missing", ["a"])]
    assert found(trip(companions=["p2"]), theirs) == []
    assert found(trip(companions=["p2", "p3"]), theirs) == [("companion.missing", ["a"])]
    assert found(trip(companions=["p2"]), later) == [("companion.missing", ["a"])]
    assert found(trip(companions=["p2"]), somewhen) == []
    assert found(trip(companions=["p2"], time_known=False)) == []


def paper(name: str, digest: str = "d1", day: str | None = "2026-10-06") -> dict[str, Any]:
    told = {"person": "p1", "trip": name, "digest": digest, "amount": 9_000}
    return told | ({} if day is None else {"date": day})


def test_one_paper_under_two_trips_is_found_by_its_content() -> None:
    other = trip("14:00:00-15:00:00", id="b")

    assert found(trip(), other, receipts=[paper("a"), paper("b")]) == [
        ("receipt.reused", ["a", "b"])
    ]
    assert found(trip(), other, receipts=[paper("a"), paper("b", "d2")]) == []
    assert found(trip(), receipts=[paper("a"), paper("a")]) == []
    assert found(trip(), receipts=[paper("a"), paper("elsewhere")]) == [
        ("receipt.reused", ["a", "elsewhere"])
    ]


@pytest.mark.parametrize(
    ("day", "strange"),
    [("2026-10-05", True), ("2026-10-06", False), ("2026-10-07", True), (None, False)],
)
def test_paper_of_another_day_is_found(day: str | None, *, strange: bool) -> None:
    said = found(trip(), receipts=[paper("a", day=day)])

    assert said == ([("receipt.date", ["a"])] if strange else [])


# -- the contract ----------------------------------------------------------------------


def test_findings_are_ordered_by_first_trip_then_code() -> None:
    trips = [
        trip(id="b", ordered=False, same_site=True),
        trip(id="a", same_site=True, person="p9"),
    ]

    assert found(*trips) == [
        ("place.same_site", ["a"]),
        ("order.missing", ["b"]),
        ("place.same_site", ["b"]),
    ]


def test_a_finding_says_who_what_and_how_to_clear_it() -> None:
    batch = batch_from({"contract": "findings/1", "trips": [trip(ordered=False)]})
    answer = findings_as_dict(find(batch, rules()))

    assert answer == {
        "contract": "findings/1",
        "findings": [
            {
                "code": "order.missing",
                "severity": "serious",
                "trips": ["a"],
                "persons": ["p1"],
                "ko": "출장명령이 없습니다. 결재를 받은 명령을 붙이면 됩니다",
                "en": "no travel order; attach an approved one",
                "data": {},
            }
        ],
    }


@pytest.mark.parametrize(
    ("said", "code", "path"),
    [
        ({"trips": [trip(), trip()]}, "trip.duplicate_id", "trips[1].id"),
        ({"trips": [trip("10:00:00-09:00:00")]}, "trip.end_before_start", "trips[0].ends_at"),
        ({"trips": [trip(starts_at="2026-10-06")]}, "facts.time", "trips[0].starts_at"),
        ({"trips": [trip(flat_paid=-1)]}, "facts.money", "trips[0].flat_paid"),
        ({"trips": [trip(area="near")]}, "facts.enum", "trips[0].area"),
        ({"trips": [trip(stay_seconds=-1)]}, "facts.range", "trips[0].stay_seconds"),
        ({"trips": [trip(note="x")]}, "facts.unknown_field", "trips[0].note"),
        ({"trips": [trip(fares=[{"seat": 1}])]}, "facts.unknown_field", "trips[0].fares[0].seat"),
        ({"trips": [], "vehicle_log": [{}]}, "facts.missing", "vehicle_log[0].driver"),
        ({"trips": [], "absences": [{}]}, "facts.missing", "absences[0].person"),
        ({"trips": [], "receipts": [{}]}, "facts.missing", "receipts[0].trip"),
    ],
)
def test_a_fault_of_shape_is_refused_with_its_place(
    said: dict[str, Any], code: str, path: str
) -> None:
    read = read_batch(json.dumps({"contract": "findings/1"} | said))

    assert isinstance(read, Refused)
    assert (code, path) in [(fault.code, fault.path) for fault in read.faults]


def test_a_date_no_rules_hold_on_is_refused_only_where_rules_are_asked() -> None:
    old = {"starts_at": "2015-05-06T09:00:00+09:00", "ends_at": "2015-05-06T12:00:00+09:00"}

    assert found(trip(ordered=False) | old) == [("order.missing", ["a"])]
    with pytest.raises(ClaimRefused) as refusal:
        found(trip(flat_paid=1) | old, trip(id="b", flat_paid=1) | old)
    assert [(f.code, f.path) for f in refusal.value.faults] == [
        ("rules.no_version", "trips[0].starts_at"),
        ("rules.no_version", "trips[1].starts_at"),
    ]


HOURS = st.sampled_from(["09:00:00-13:00:00", "12:00:00-14:00:00", "13:00:00-13:00:00"])
TRIP = st.fixed_dictionaries(
    {"hours": HOURS, "person": st.sampled_from(["p1", "p2"])},
    optional={
        "flat_paid": st.sampled_from([0, 10_000, 20_000]),
        "public_car": st.sampled_from(["none", "whole"]),
        "companions": st.sampled_from([["p1"], ["p3"]]),
        "destination_text": st.sampled_from(["관내", "진주시청"]),
        "round_trip_m": st.sampled_from([1_900, 5_000]),
        "time_known": st.booleans(),
    },
)


@given(said=st.lists(TRIP, max_size=6), data=st.data())
def test_the_order_of_trips_changes_no_finding(
    said: list[dict[str, Any]], data: st.DataObject
) -> None:
    trips = [trip(id=f"t{n}", **one) for n, one in enumerate(said)]
    beside = {"vehicle_log": [log("08:00:00-10:00:00")], "receipts": [paper("t0"), paper("t1")]}

    def printed(order: list[dict[str, Any]]) -> bytes:
        batch = batch_from({"contract": "findings/1", "trips": order} | beside)
        return canonical(findings_as_dict(find(batch, rules())))

    assert printed(data.draw(st.permutations(trips))) == printed(trips)
