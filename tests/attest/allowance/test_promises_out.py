"""What holds for every out-of-area claim, whatever the days brought."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from attest.allowance import canonical, claim_from, compute

from .claims import claim, computed, office, sums

KST = timezone(timedelta(hours=9))
MONDAY = datetime(2026, 10, 5, tzinfo=KST)
WON = st.integers(0, 200_000)
EVIDENCE = st.sampled_from(["card", "ticket", "toll", "none", "simple_receipt"])
SETS = st.sampled_from(["kr-national", "kr-changwon", "kr-gyeongnam"])
STRICT = office('settlement = { late = "refuse" }\nreduction = { daily = 7, lodging = 33 }')

FARE = st.fixed_dictionaries(
    {"date": st.just("2026-10-05"), "mode": st.sampled_from(["rail", "bus", "taxi", "parking"])},
    optional={
        "amount": WON,
        "evidence": EVIDENCE,
        "status": st.sampled_from(["used", "cancelled"]),
        "class": st.sampled_from(["standard", "superior"]),
        "standard_amount": WON,
        "cap_amount": WON,
        "unavoidable": st.booleans(),
    },
).map(lambda said: {"amount": 1} | said)
DRIVE = st.fixed_dictionaries(
    {
        "date": st.just("2026-10-05"),
        "mode": st.just("private_car"),
        "role": st.sampled_from(["driver", "passenger"]),
        "public_transport_fare": WON,
        "distance_m": st.integers(0, 500_000),
        "fuel": st.sampled_from(["gasoline", "electric"]),
        "fuel_price": st.sampled_from(["0", "1699.5", "324.4"]),
    },
    optional={
        "unavoidable": st.booleans(),
        "reason": st.sampled_from(["", "심야"]),
        "evidence": EVIDENCE,
        "toll": WON,
    },
)
ROOM = st.fixed_dictionaries(
    {"kind": st.sampled_from(["relatives", "provided", "transit", "shared_member"])}
) | st.fixed_dictionaries(
    {"kind": st.just("paid"), "paid": WON, "unit": st.sampled_from(["11110", "29140", "48170"])},
    optional={"evidence": EVIDENCE, "unavoidable": st.booleans()},
)


@st.composite
def trips(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to four out-of-area trips within a month, overlapping as they like."""
    made = []
    for n in range(draw(st.integers(1, 4))):
        start = MONDAY + timedelta(hours=draw(st.integers(0, 60)))
        end = start + timedelta(hours=draw(st.integers(1, 24 * 22)))
        dates = days_of(start, end)
        some = st.lists(st.sampled_from(dates), max_size=3)
        evenings = draw(st.lists(st.sampled_from(dates), unique=True, max_size=3))
        said = {
            "id": f"t{n}",
            "starts_at": start.isoformat(),
            "ends_at": end.isoformat(),
            "same_unit": False,
            "public_car": draw(st.sampled_from(["none", "none", "part", "whole"])),
            "public_car_dates": draw(some),
            "not_needed_dates": draw(some),
            "meals_provided": [
                {"date": day, "meals": draw(st.integers(1, 3))} for day in draw(some)
            ],
            "fares": draw(st.lists(FARE | DRIVE, max_size=3)),
            "nights": [{"date": day} | draw(ROOM) for day in evenings],
            "other_payer": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {
                            "item": st.sampled_from(["fare", "daily", "meals", "lodging"]),
                            "amount": WON,
                        }
                    ),
                    max_size=2,
                )
            ),
            "follows_senior": draw(st.booleans()),
        }
        if draw(st.booleans()):
            said["stay"] = {"arrived_on": dates[0], "away_dates": draw(some)}
        if draw(st.booleans()):
            said["claimed_on"] = draw(st.sampled_from(["2026-10-06", "2026-12-30"]))
        made.append(said)
    return made


def days_of(start: datetime, end: datetime) -> list[str]:
    last = (end - timedelta(seconds=1)).date()
    return [str(start.date() + timedelta(days=n)) for n in range((last - start.date()).days + 1)]


@given(made=trips(), rule_set=SETS)
def test_no_sum_is_below_nothing_or_above_its_ceiling(
    made: list[dict[str, Any]], rule_set: str
) -> None:
    result = computed(claim(*made, rule_set=rule_set))
    dates = {day for one in made for day in days_of_trip(one)}
    found = sums(result)

    assert all(one.total >= 0 and one.total % 10 == 0 for one in result.trips)
    for one in result.trips:
        kinds = ("rounding", "other_payer", "reduction")
        assert all(line.amount >= 0 for line in one.lines if line.item not in kinds)
        assert all(line.amount == 0 for line in one.lines if line.status != "payable")
    assert found["daily"] <= 25_000 * len(dates)
    assert found["meals"] <= 25_000 * len(dates)
    assert found.get("fare", 0) <= sum(most_of(fare) for one in made for fare in one["fares"])
    nights = [night for one in made for night in one["nights"]]
    rooms = sum(night.get("paid", 0) for night in nights)
    assert found.get("lodging", 0) + found.get("lodging_excess", 0) <= rooms


def days_of_trip(said: dict[str, Any]) -> list[str]:
    return days_of(*(datetime.fromisoformat(said[name]) for name in ("starts_at", "ends_at")))


def most_of(fare: dict[str, Any]) -> int:
    driven = int(fare.get("distance_m", 0) / 1_000 / 5.22 * 1_700) + fare.get("toll", 0)
    told = fare.get("amount", 0), fare.get("public_transport_fare", 0)
    return int(max(*told, driven))


@given(made=trips(), data=st.data())
def test_a_provided_meal_never_raises(made: list[dict[str, Any]], data: st.DataObject) -> None:
    more = json.loads(json.dumps(made))
    chosen = data.draw(st.sampled_from(more))
    day = data.draw(st.sampled_from(days_of_trip(chosen)))
    chosen["meals_provided"].append({"date": day, "meals": data.draw(st.integers(1, 3))})

    before, after = computed(claim(*made)), computed(claim(*more))
    assert sums(after)["meals"] <= sums(before)["meals"]
    assert sums(after)["daily"] == sums(before)["daily"]


@given(made=trips(), data=st.data())
def test_the_order_of_trips_changes_no_sum_and_no_reason(
    made: list[dict[str, Any]], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(made))

    def told(order: list[dict[str, Any]]) -> Any:
        result = compute(claim_from(claim(*order, rule_set="office")), STRICT)
        by_id = {one.id: one.as_dict() for one in result.trips}
        return by_id, [w.as_dict() for w in result.warnings], result.balance

    assert told(other) == told(made)


@given(made=trips(), rule_set=SETS)
def test_the_same_facts_give_the_same_bytes_and_every_line_can_be_explained(
    made: list[dict[str, Any]], rule_set: str
) -> None:
    said = claim(*made, rule_set=rule_set)
    once = canonical(computed(said).as_dict())

    assert canonical(computed(json.loads(json.dumps(said, sort_keys=True))).as_dict()) == once
    for one in json.loads(once)["trips"]:
        assert one["total"] == sum(line["amount"] for line in one["lines"])
        unverified = {key for line in one["lines"] for key in line["unverified"]}
        marked = [w["data"]["key"] for w in one["warnings"] if w["code"] == "setting_unverified"]
        assert sorted(unverified) == marked
        for line in one["lines"]:
            assert line["cites"]
            assert line["rule_set"] in one["rule_set"]
            assert line["why"]["ko"]
            assert line["why"]["en"]


@given(made=trips())
def test_a_date_is_paid_for_once_however_trips_overlap(made: list[dict[str, Any]]) -> None:
    """Against the plain way: each date by itself, at the largest rate of its trips."""
    best: dict[str, int] = {}
    for said in made:
        for day, rate in plain_rates(said).items():
            best[day] = max(best.get(day, 0), rate)

    assert sums(computed(claim(*made)))["daily"] == sum(best.values())


def plain_rates(said: dict[str, Any]) -> dict[str, int]:
    rates, stay = {}, said.get("stay")
    for day in days_of_trip(said):
        percent = 100
        if stay and day > stay["arrived_on"] and day not in stay["away_dates"]:
            away = {a for a in stay["away_dates"] if stay["arrived_on"] < a < day}
            stayed = (date.fromisoformat(day) - date.fromisoformat(stay["arrived_on"])).days
            percent = 100 if stayed - len(away) <= 15 else 90
        driven = said["public_car"] != "none" and day in said["public_car_dates"]
        if day not in said["not_needed_dates"]:
            rates[day] = 25_000 * percent // 100 // (2 if driven else 1)
    return rates
