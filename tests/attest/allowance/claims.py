"""Claims to test with: an ordinary in-area trip, and what a test says differently."""

from __future__ import annotations

from functools import cache
from typing import Any

from attest.allowance import Result, RuleSets, claim_from, compute, read_sets
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


def amounts(result: Result) -> list[tuple[str, int]]:
    return [(line.item, line.amount) for one in result.trips for line in one.lines]


def codes(result: Result) -> set[str]:
    of_trips = {warning.code for one in result.trips for warning in one.warnings}
    return of_trips | {warning.code for warning in result.warnings}
