"""Claims to test with: an ordinary in-area trip, and what a test says differently."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from attest.allowance import Result, RuleSets, claim_from, compute, read_sets
from attest.allowance.sheet import Line
from attest.commands.shipped import shipped

NEAR = [{"from": "workplace", "one_way_m": 600, "method": "walking_route"}]
FAR = [{"from": "workplace", "one_way_m": 4_000, "method": "road_route"}]
CHANGWON, SEONGSAN, JINJU = {"unit": "48121"}, {"unit": "48123"}, {"unit": "48170"}

NATIONAL = """
[rule_set]
id = "office"
version = "2020-01-01"
valid_from = 2020-01-01
parent = "kr-national"
"""


@cache
def rules() -> RuleSets:
    return read_sets(shipped())


def office(more: str) -> RuleSets:
    """The shipped sets and "office", which says *more*."""
    return read_sets([*shipped(), more + NATIONAL])


def trip(hours: str = "09:00:00-13:30:00", **said: Any) -> dict[str, Any]:
    """A trip of 2026-10-06 between two wall-clock times in Korea."""
    start, end = hours.split("-")
    return {
        "id": "t1",
        "starts_at": f"2026-10-06T{start}+09:00",
        "ends_at": f"2026-10-06T{end}+09:00",
        "workplace": CHANGWON,
        "destination": SEONGSAN,
        "distances": FAR,
    } | said


def journey(last: str = "2026-10-06", **said: Any) -> dict[str, Any]:
    """An out-of-area trip from the morning of 2026-10-06 to the evening of *last*."""
    far = [{"from": "workplace", "one_way_m": 65_000, "method": "road_route"}]
    ends = {"ends_at": f"{last}T18:00:00+09:00"}
    return trip("09:00:00-18:00:00", destination=JINJU, distances=far) | ends | said


def claim(*trips: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {
        "contract": "allowance/1",
        "person": {"id": "p1", "grade": 2},
        "trips": list(trips),
    } | said


def computed(said: dict[str, Any], sets: RuleSets | None = None) -> Result:
    return compute(claim_from(said), sets or rules())


def of_trip(sets: RuleSets | None = None, **said: Any) -> Result:
    """One trip of an ordinary person, computed."""
    rule_set = "kr-national" if sets is None else "office"
    return computed(claim(trip(**said), rule_set=rule_set), sets)


def of_journey(last: str = "2026-10-06", sets: RuleSets | None = None, **said: Any) -> Result:
    """One out-of-area trip of an ordinary person until *last*, computed."""
    rule_set = "kr-national" if sets is None else "office"
    return computed(claim(journey(last, **said), rule_set=rule_set), sets)


def sums(result: Result) -> dict[str, int]:
    """Each item of the claim with its sum."""
    found: Counter[str] = Counter()
    for item, amount in amounts(result):
        found[item] += amount
    return dict(found)


def lines(result: Result, item: str) -> list[Line]:
    return [line for one in result.trips for line in one.lines if line.item == item]


def amounts(result: Result) -> list[tuple[str, int]]:
    return [(line.item, line.amount) for one in result.trips for line in one.lines]


def codes(result: Result) -> set[str]:
    of_trips = {warning.code for one in result.trips for warning in one.warnings}
    return of_trips | {warning.code for warning in result.warnings}
