"""What holds for every claim, whatever the day brought."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from attest.allowance import Refused, canonical, compute, read_claims

from .claims import claim, computed, rules

KST = timezone(timedelta(hours=9))
MONDAY = datetime(2026, 10, 5, tzinfo=KST)
WON = st.integers(0, 40_000)

COST = st.fixed_dictionaries(
    {"kind": st.just("taxi"), "amount": WON},
    optional={"evidence": st.sampled_from(["card", "none", "photo"])},
)
PAYER = st.fixed_dictionaries({"item": st.sampled_from(["in_area", "fare"]), "amount": WON})
DISTANCE = st.fixed_dictionaries(
    {
        "from": st.just("workplace"),
        "one_way_m": st.integers(0, 3_000),
        "method": st.sampled_from(["road_route", "declared"]),
    }
)
PERSON = st.fixed_dictionaries(
    {"id": st.just("p1"), "grade": st.sampled_from([1, 2])},
    optional={"dedicated_car": st.booleans(), "hired_driver": st.booleans()},
)


@st.composite
def trips(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five in-area trips within two days, overlapping as they like."""
    made = []
    for n in range(draw(st.integers(1, 5))):
        start = MONDAY + timedelta(seconds=draw(st.integers(0, 2 * 86_400)))
        end = start + timedelta(seconds=draw(st.integers(0, 30 * 3_600)))
        said = {
            "id": f"t{n}",
            "starts_at": start.isoformat(),
            "ends_at": end.isoformat(),
            "same_unit": True,
            "ordered": draw(st.sampled_from([True, True, False])),
            "public_car": draw(st.sampled_from(["none", "part", "whole"])),
            "distances": draw(st.lists(DISTANCE, max_size=2)),
            "actual_costs": draw(st.lists(COST, max_size=3)),
            "other_payer": draw(st.lists(PAYER, max_size=2)),
            "already_paid": draw(WON),
            "standing_duty": draw(st.sampled_from([False, False, True])),
        }
        made.append(said)
    return made


SETS = st.sampled_from(["kr-national", "kr-changwon", "kr-gwangsan", "kr-gyeongnam"])


@given(made=trips(), person=PERSON, rule_set=SETS)
def test_a_trip_is_never_below_nothing_and_a_date_never_above_the_cap(
    made: list[dict[str, Any]], person: dict[str, Any], rule_set: str
) -> None:
    result = computed(claim(*made, person=person, rule_set=rule_set))
    dates = {one["id"]: one["starts_at"][:10] for one in made}

    assert all(one.total >= 0 for one in result.trips)
    by_date = sorted(result.trips, key=lambda one: dates[one.id])
    for _, group in groupby(by_date, key=lambda one: dates[one.id]):
        assert sum(one.total for one in group) <= 20_000


@given(made=trips(), person=PERSON, rule_set=SETS, data=st.data())
def test_the_order_of_trips_changes_no_sum_and_no_reason(
    made: list[dict[str, Any]],
    person: dict[str, Any],
    rule_set: str,
    data: st.DataObject,
) -> None:
    other = data.draw(st.permutations(made))

    def told(order: list[dict[str, Any]]) -> tuple[dict[str, Any], Any, int]:
        result = computed(claim(*order, person=person, rule_set=rule_set))
        by_id = {one.id: one.as_dict() for one in result.trips}
        return by_id, [w.as_dict() for w in result.warnings], result.balance

    assert told(other) == told(made)


@given(made=trips(), person=PERSON, rule_set=SETS)
def test_the_same_facts_give_the_same_bytes_and_every_sum_adds_up(
    made: list[dict[str, Any]], person: dict[str, Any], rule_set: str
) -> None:
    said = claim(*made, person=person, rule_set=rule_set)

    def printed(text: str) -> bytes:
        (one,) = read_claims(text).claims
        assert not isinstance(one, Refused)
        return canonical(compute(one, rules()).as_dict())

    once = printed(json.dumps(said))
    assert printed(json.dumps(said, sort_keys=True, indent=3)) == once
    answer = json.loads(once)
    for one in answer["trips"]:
        assert one["total"] == sum(line["amount"] for line in one["lines"])
        assert all(line["why"]["ko"] and line["why"]["en"] for line in one["lines"])
        assert all(line["cites"] for line in one["lines"])
    assert answer["total"] == sum(one["total"] for one in answer["trips"])
