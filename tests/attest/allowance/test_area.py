"""In-area or not: units, islands, the twelve kilometres, the clerk's word."""

from __future__ import annotations

from typing import Any

import pytest

from attest.allowance import RuleSets
from attest.allowance.area import unit_of

from .claims import CHANGWON, FAR, JINJU, amounts, codes, of_trip, office


def area(sets: RuleSets | None = None, **said: Any) -> str:
    return of_trip(sets, **said).trips[0].area


def away(one_way_m: int, round_trip_m: int, **said: Any) -> dict[str, Any]:
    """A trip to another city, so far."""
    measured = {"one_way_m": one_way_m, "round_trip_m": round_trip_m}
    way = {"from": "workplace", "method": "road_route"} | measured
    return {"destination": JINJU, "distances": [way]} | said


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("11110", "11000"),
        ("26470", "26000"),
        ("29200", "29000"),
        ("31710", "31000"),
        ("36110", "36000"),
        ("48121", "48120"),
        ("48129", "48120"),
        ("48170", "48170"),
        ("43111", "43110"),
        ("43740", "43740"),
        ("43745", "43745"),
        ("50110", "50110"),
        ("46150", "46150"),
    ],
)
def test_a_code_belongs_to_a_city_or_county(code: str, unit: str) -> None:
    assert unit_of(code) == unit


def test_jeungpyeong_and_yeongdong_are_two_counties() -> None:
    places: dict[str, Any] = {
        "workplace": {"unit": "43740"},
        "destination": {"unit": "43745"},
    }

    assert area(**away(60_000, 120_000) | places) == "out"


def test_equal_units_decide_however_far() -> None:
    assert area(**away(50_000, 100_000, destination={"unit": "48125"})) == "in"


@pytest.mark.parametrize(("there", "said"), [("29140", "in"), ("46150", "out")])
def test_former_units_of_the_unified_city_stay_apart(there: str, said: str) -> None:
    places = {"workplace": {"unit": "29200"}, "destination": {"unit": there}}

    assert area(**away(60_000, 120_000) | places) == said


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        ("geoje", "geoje", "in"),
        ("geoje", "namhae", "out"),
        ("jeju", "jeju", "out"),
        (None, "geoje", "out"),
        (None, None, "out"),
    ],
)
def test_one_island_is_one_area_but_jeju_is_not(
    here: str | None, there: str | None, said: str
) -> None:
    islands: list[dict[str, str]] = [
        {} if name is None else {"island": name} for name in (here, there)
    ]
    places: dict[str, Any] = {
        "workplace": CHANGWON | islands[0],
        "destination": JINJU | islands[1],
    }

    assert area(distances=[FAR[0] | {"one_way_m": 30_000}], **places) == said


@pytest.mark.parametrize(("metres", "said"), [(11_999, "in"), (12_000, "out")])
def test_twelve_kilometres_are_already_too_far(metres: int, said: str) -> None:
    one_way = office('in_area = { distance_reading = "one_way" }')

    assert area(**away(metres // 2, metres)) == said
    assert area(one_way, **away(metres, 2 * metres)) == said


@pytest.mark.parametrize(
    ("one_way_m", "round_trip_m", "warned"),
    [(5_999, 11_998, False), (6_000, 12_000, True), (11_999, 23_998, True)],
)
def test_readings_that_disagree_are_said_and_named_as_unverified(
    one_way_m: int, round_trip_m: int, *, warned: bool
) -> None:
    sets = office('in_area = { distance_reading = "one_way" }')
    result = of_trip(sets, **away(one_way_m, round_trip_m))

    key = "in_area.distance_reading"
    assert ("distance_reading" in codes(result)) == warned
    assert (key in result.trips[0].lines[0].unverified) == warned
    assert ("setting_unverified" in codes(result)) == warned


@pytest.mark.parametrize(
    ("round_trip_m", "warned"),
    [
        *[(9_999, False), (10_000, True), (14_000, True), (14_001, False)],
        *[(19_999, False), (20_000, True), (23_999, True)],
    ],
)
def test_the_edges_of_twelve_kilometres_are_said(round_trip_m: int, *, warned: bool) -> None:
    sets = office('in_area = { distance_reading = "one_way" }')
    result = of_trip(sets, **away(round_trip_m // 2, round_trip_m))

    assert ("distance_band_12km" in codes(result)) == warned


@pytest.mark.parametrize(("round_trip_m", "warned"), [(28_000, True), (28_001, False)])
def test_the_last_edge_lies_at_twenty_eight(round_trip_m: int, *, warned: bool) -> None:
    sets = office('in_area = { distance_reading = "one_way" }')
    result = of_trip(sets, **away(11_000, round_trip_m))

    assert ("distance_band_12km" in codes(result)) == warned


def test_equal_units_are_not_measured_against_twelve_kilometres() -> None:
    result = of_trip(**away(6_000, 12_000, destination={"unit": "48125"}))

    assert not {"distance_band_12km", "distance_reading"} & codes(result)


def test_the_nearer_start_counts() -> None:
    far = away(9_000, 18_000)["distances"]
    home = {"from": "start", "one_way_m": 4_000, "method": "road_route"}

    assert area(destination=JINJU, distances=[*far, home]) == "in"


def test_units_that_differ_without_a_distance_are_out_of_area() -> None:
    assert area(destination=JINJU, distances=[]) == "out"


@pytest.mark.parametrize(("said", "expected"), [(True, "in"), (False, "out")])
def test_same_unit_replaces_the_comparison(expected: str, *, said: bool) -> None:
    far = [FAR[0] | {"one_way_m": 30_000}]

    assert area(workplace={}, destination={}, same_unit=said, distances=far) == expected
    assert area(same_unit=said, distances=far) == expected


def test_the_clerks_area_is_obeyed_and_said() -> None:
    decided = {"area": "in", "reason": "연륙교 {공사}"}
    result = of_trip(destination=JINJU, area_decided=decided, distances=FAR)

    assert amounts(result) == [("in_area_flat", 20_000)]
    (told,) = [w for w in result.trips[0].warnings if w.code == "area_decided"]
    assert told.said.ko.endswith("연륙교 {공사}")
    assert area(area_decided={"area": "out", "reason": ""}) == "out"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            {"destination": {"unit": "48121", "same_site": True}, "ordered": False},
            "같은 청사 안이라 출장여비 대상이 아님",
        ),
        (
            {"ordered": False, "hours": "09:00:00-09:00:00"},
            "출장명령 없음이라 출장여비 대상이 아님",
        ),
        ({"hours": "09:00:00-09:00:00"}, "길이 0이라 출장여비 대상이 아님"),
        (
            {"ordered": False, "destination": JINJU, "distances": []},
            "출장명령 없음이라 출장여비 대상이 아님",
        ),
    ],
)
def test_what_is_no_trip_is_one_refused_line(said: dict[str, Any], why: str) -> None:
    (done,) = of_trip(other_payer=[{"item": "in_area", "amount": 1}], **said).trips

    (line,) = done.lines
    assert (done.area, done.total, done.warnings) == ("none", 0, ())
    assert (line.item, line.status, line.rule) == ("not_payable", "refused", "R0")
    assert line.why.ko == why
