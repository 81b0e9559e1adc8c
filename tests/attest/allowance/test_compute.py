"""What follows the trips: other payers, reduction, rounding, standing, recovery."""

from __future__ import annotations

from typing import Any

import pytest

from attest.allowance import read_sets
from attest.commands.shipped import shipped
from attest.errors import ClaimRefused

from .claims import JINJU, amounts, claim, codes, computed, of_trip, office, trip

NEAR = [{"from": "workplace", "one_way_m": 900, "method": "walking_route"}]


def payer(amount: int, item: str = "in_area", **said: Any) -> dict[str, Any]:
    return {"item": item, "amount": amount} | said


# -- R35, R34, R40 ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "less"),
    [
        ([payer(5_000)], [-5_000]),
        ([payer(20_000)], [-20_000]),
        ([payer(20_001)], [-20_000]),
        ([payer(15_000), payer(15_000)], [-15_000, -5_000]),
        ([payer(5_000, "fare")], [0]),
    ],
)
def test_what_others_bore_is_not_paid_again_and_never_more_than_is_left(
    entries: list[Any], less: list[int]
) -> None:
    result = of_trip(other_payer=entries)

    taken = [amount for item, amount in amounts(result) if item == "other_payer"]
    assert taken == less
    assert result.total == 20_000 + sum(less)


@pytest.mark.parametrize(
    ("who", "ko"),
    [
        ("주최 측", "주최 측이 부담한 근무지내 여비 5,000원 공제"),
        ("학회", "학회가 부담한 근무지내 여비 5,000원 공제"),
        ("KOICA", "KOICA이(가) 부담한 근무지내 여비 5,000원 공제"),
        ("", "다른 기관이 부담한 근무지내 여비 5,000원 공제"),
    ],
)
def test_the_payer_is_named(who: str, ko: str) -> None:
    line = of_trip(other_payer=[payer(5_000, who=who)]).trips[0].lines[-1]

    assert line.why.ko == ko


@pytest.mark.parametrize(("percent", "left"), [(0, 20_000), (1, 19_800), (33, 13_400), (100, 0)])
def test_an_agency_may_cut(percent: int, left: int) -> None:
    assert of_trip(office(f"reduction = {{ in_area = {percent} }}")).total == left


def test_a_cut_leaves_whole_won_going_down_and_comes_after_other_payers() -> None:
    sets = office("reduction = { in_area = 10 }\nrounding = { trip_step = 1 }")
    result = of_trip(sets, other_payer=[payer(9_999)])

    # 10,001 are left; nine tenths are 9,000.9.
    assert amounts(result)[1:] == [("other_payer", -9_999), ("reduction", -1_001)]
    assert result.total == 9_000


@pytest.mark.parametrize(("percent", "code"), [(-1, "rules.text"), (101, "rules.text")])
def test_an_agency_may_not_raise(percent: int, code: str) -> None:
    with pytest.raises(ClaimRefused) as refusal:
        office(f"reduction = {{ in_area = {percent} }}")
    assert [fault.code for fault in refusal.value.faults] == [code]


@pytest.mark.parametrize(("won", "odd"), [(5_200, 0), (5_201, 1), (5_209, 9), (5_210, 0), (9, 9)])
def test_odd_won_fall_off_the_trip_in_a_line_of_their_own(won: int, odd: int) -> None:
    costs = [{"kind": "taxi", "amount": won, "evidence": "card"}]
    result = of_trip(distances=NEAR, actual_costs=costs)

    assert result.total == won - odd
    assert dict(amounts(result)).get("rounding", 0) == -odd
    assert ("setting_unverified" in codes(result)) == bool(odd)
    if odd:
        line = result.trips[0].lines[-1]
        assert line.why.ko == f"10원 미만 끝수 {odd}원"
        assert line.unverified == ("rounding.trip_step",)


# -- claim -----------------------------------------------------------------------------


def test_the_balance_is_what_is_left_after_what_was_paid() -> None:
    result = of_trip(already_paid=30_000)

    assert (result.total, result.balance) == (20_000, -10_000)


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ("09:00:00-12:00:00", "12:00:00-13:00:00", False),
        ("09:00:00-12:00:01", "12:00:00-13:00:00", True),
        ("09:00:00-18:00:00", "10:00:00-11:00:00", True),
        ("09:00:00-10:00:00", "09:00:00-10:00:00", True),
    ],
)
def test_two_trips_overlap_when_they_share_a_moment(
    first: str, second: str, *, overlap: bool
) -> None:
    result = computed(claim(trip(first), trip(second, id="t2")))
    unclocked = computed(claim(trip(first), trip(second, id="t2", time_known=False)))

    found = [w for w in result.warnings if w.code == "trips_overlap"]
    assert [w.data["trips"] for w in found] == ([["t1", "t2"]] if overlap else [])
    assert all(w.level == "serious" for w in found)
    assert "trips_overlap" not in codes(unclocked)


def test_every_trip_in_an_overlap_is_named() -> None:
    hours = ["09:00:00-18:00:00", "10:00:00-11:00:00", "12:00:00-13:00:00"]
    trips = [trip(clock, id=f"t{n}") for n, clock in enumerate(hours)]

    said = [w.data["trips"] for w in computed(claim(*trips)).warnings]

    assert said == [["t0", "t1"], ["t0", "t2"]]


def test_every_trip_that_cannot_be_computed_is_named() -> None:
    drove = {"mode": "private_car", "role": "driver", "unavoidable": True, "reason": "심야"}
    drove |= {"date": "2026-10-06", "distance_m": 1, "fuel": "hybrid", "fuel_price": "1"}
    out: dict[str, Any] = {"destination": JINJU, "distances": [], "fares": [drove]}
    out["rule_set"] = "thirsty"
    old = {
        "starts_at": "2015-05-06T09:00:00+09:00",
        "ends_at": "2015-05-06T12:00:00+09:00",
    }
    trips = [
        trip(id="a", **out),
        trip(id="b"),
        trip(id="c", rule_set="nobody"),
        trip(id="d", **old),
    ]

    thirsty = """
        [rule_set]
        id = "thirsty"
        version = "2020-01-01"
        valid_from = 2020-01-01
        extends = "kr-national@2018-11-01"
    """
    with pytest.raises(ClaimRefused) as refusal:
        computed(claim(*trips), read_sets([*shipped(), thirsty]))

    assert [(fault.code, fault.path) for fault in refusal.value.faults] == [
        ("rules.fuel", "trips[0].fares[0].fuel"),
        ("rules.unknown", "trips[2].rule_set"),
        ("rules.no_version", "trips[3].starts_at"),
    ]


# -- R10: the standing allowance -------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "won"),
    [(0, 0), (1, 9_330), (14, 130_660), (15, 140_000), (16, 140_000), (31, 140_000)],
)
def test_the_standing_allowance_goes_by_days_up_to_fifteen(days: int, won: int) -> None:
    standing = {"month": "2026-10", "monthly_amount": 140_000, "days": days}
    result = computed(claim(standing=standing))

    assert result.standing is not None
    assert result.standing.total == result.total == won
    (line,) = result.standing.lines
    assert (line.item, line.rule) == ("standing", "R10")
    assert line.why.ko == f"월액여비 {days}일: {won:,}원"


def test_the_full_standing_allowance_loses_its_odd_won_too() -> None:
    standing = {"month": "2026-10", "monthly_amount": 140_009, "days": 15}
    result = computed(claim(standing=standing))

    assert result.total == 140_000
    assert [w.data for w in result.warnings] == [{"key": "rounding.trip_step"}]


@pytest.mark.parametrize(("month", "found"), [("2018-11", True), ("2018-10", False)])
def test_the_first_of_the_month_picks_the_rules(month: str, *, found: bool) -> None:
    said = claim(standing={"month": month, "monthly_amount": 1_000, "days": 15})
    if found:
        assert computed(said).total == 1_000
        return
    with pytest.raises(ClaimRefused) as refusal:
        computed(said)
    (fault,) = refusal.value.faults
    assert (fault.code, fault.path) == ("rules.no_version", "standing.month")


# -- R38: recovery ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "fraud", "surcharge"),
    [
        ("2021-12-08", True, 200_000),
        ("2021-12-09", True, 500_000),
        ("2021-12-09", False, 0),
    ],
)
def test_fraud_is_paid_back_with_a_surcharge_by_the_day_of_receipt(
    day: str, surcharge: int, *, fraud: bool
) -> None:
    entry = {"id": "r1", "amount": 100_000, "received_on": day, "fraud": fraud}
    result = computed(claim(recovery=[entry])).as_dict()

    assert result["total"] == 0
    assert result["recover"] == {
        "principal": 100_000,
        "surcharge": surcharge,
        "total": 100_000 + surcharge,
    }


def test_what_was_not_asked_does_not_appear() -> None:
    assert not {"standing", "recover"} & of_trip().as_dict().keys()
