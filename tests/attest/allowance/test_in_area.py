"""In-area money: every threshold, one step on either side."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from .claims import FAR, amounts, claim, codes, computed, of_trip, office, trip

CAR = {"public_car": "whole"}
DRIVER = {"id": "p1", "grade": 2, "hired_driver": True}
WITH_CAR_OF_ONES_OWN = {"id": "p1", "grade": 2, "dedicated_car": True}


def near(metres: int, *costs: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A trip so many metres there and back."""
    distance = {"one_way_m": metres // 2, "round_trip_m": metres}
    way = [{"from": "workplace", "method": "walking_route"} | distance]
    return {"distances": way, "actual_costs": list(costs)} | said


def cost(amount: int, evidence: str = "card", **said: Any) -> dict[str, Any]:
    return {"kind": "taxi", "amount": amount, "evidence": evidence} | said


# -- R5: hours -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "won", "why"),
    [
        (
            "09:00:00-12:59:59",
            10_000,
            "출장시간 3시간 59분으로 4시간 미만이므로 10,000원",
        ),
        (
            "09:00:00-13:00:00",
            20_000,
            "출장시간 4시간 0분으로 4시간 이상이므로 20,000원",
        ),
        (
            "09:00:00-13:00:01",
            20_000,
            "출장시간 4시간 0분으로 4시간 이상이므로 20,000원",
        ),
        (
            "09:00:00-09:00:01",
            10_000,
            "출장시간 0시간 0분으로 4시간 미만이므로 10,000원",
        ),
    ],
)
def test_four_hours_earn_the_full_sum(hours: str, won: int, why: str) -> None:
    result = of_trip(hours=hours)

    assert amounts(result) == [("in_area_flat", won)]
    assert result.trips[0].lines[0].why.ko == why


def test_a_line_carries_what_is_needed_to_do_it_again_by_hand() -> None:
    line = of_trip().as_dict()["trips"][0]["lines"][0]

    assert line == {
        "item": "in_area_flat",
        "amount": 20_000,
        "rule": "R5",
        "status": "payable",
        "cites": ["공무원 여비 규정 제18조제1항"],
        "rule_set": "kr-national@2026-07-01",
        "inputs": {"seconds": 16_200, "full_seconds": 14_400},
        "unverified": [],
        "why": {
            "ko": "출장시간 4시간 30분으로 4시간 이상이므로 20,000원",
            "en": "4 h 30 min, at least 4 h: 20,000 won",
        },
    }


def test_a_trip_across_midnight_is_one_trip_of_its_first_date() -> None:
    night = trip(ends_at="2026-10-07T02:00:00+09:00", hours="22:00:00-23:00:00")
    later = trip("09:00:00-14:00:00", id="t2")
    later |= {
        "starts_at": "2026-10-07T09:00:00+09:00",
        "ends_at": "2026-10-07T14:00:00+09:00",
    }

    assert computed(claim(night, later)).total == 40_000


def test_dates_are_korean_whatever_the_offset_of_a_time() -> None:
    # 2026-10-05T23:30Z is the morning of the 6th in Korea: one date, one cap.
    early = trip(starts_at="2026-10-05T23:30:00Z", ends_at="2026-10-06T03:30:00Z")
    late = trip("14:00:00-18:00:00", id="t2")

    assert computed(claim(early, late)).total == 20_000


def test_evidenced_hours_count_only_where_the_rules_say_so_and_they_are_known() -> None:
    by_touch = office('hours = { basis = "evidenced" }')
    both = {
        "starts_at": "2026-10-06T09:00:00+09:00",
        "ends_at": "2026-10-06T12:59:59+09:00",
    }

    assert of_trip(evidenced=both).total == 20_000
    assert of_trip(by_touch, evidenced=both).total == 10_000
    assert of_trip(by_touch, evidenced={"starts_at": both["starts_at"]}).total == 20_000


@pytest.mark.parametrize(
    ("evidenced", "warned"),
    [
        ({}, {"hours_not_evidenced"}),
        ({"starts_at": "2026-10-06T09:00:00+09:00"}, {"hours_not_evidenced"}),
        ({"ends_at": "2026-10-06T13:00:00+09:00"}, {"hours_not_evidenced"}),
        (("09:00:00", "13:00:00"), set()),
        (("09:00:00", "12:59:59"), {"hours_differ"}),
    ],
)
def test_hours_that_differ_or_are_not_evidenced_are_said(evidenced: Any, warned: set[str]) -> None:
    if isinstance(evidenced, tuple):
        times = [f"2026-10-06T{clock}+09:00" for clock in evidenced]
        evidenced = dict(zip(("starts_at", "ends_at"), times, strict=True))

    assert codes(of_trip(evidenced=evidenced)) == warned


def test_hours_that_differ_name_both_sums() -> None:
    evidenced = {
        "starts_at": "2026-10-06T09:00:00+09:00",
        "ends_at": "2026-10-06T10:00:00+09:00",
    }

    (warning,) = of_trip(evidenced=evidenced).trips[0].warnings

    assert warning.data["claimed_amount"] == 20_000
    assert warning.data["evidenced_amount"] == 10_000


@pytest.mark.parametrize(
    ("end", "warned"),
    [("2026-10-07T08:59:59+09:00", False), ("2026-10-07T09:00:00+09:00", True)],
)
def test_a_day_and_longer_in_area_should_be_split(end: str, *, warned: bool) -> None:
    result = of_trip(ends_at=end)

    assert ("in_area_over_24h" in codes(result)) == warned
    assert result.total == 20_000


# -- R42: under an hour ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "hours", "warned"),
    [
        ("pay", "09:00:00-09:59:59", False),
        ("flag", "09:00:00-09:59:59", True),
        ("flag", "09:00:00-10:00:00", False),
    ],
)
def test_under_one_hour_pays_and_only_warns_where_asked(
    setting: str, hours: str, *, warned: bool
) -> None:
    result = of_trip(office(f'in_area = {{ under_one_hour = "{setting}" }}'), hours=hours)

    assert result.total == 10_000
    assert ("under_one_hour" in codes(result)) == warned


# -- R6, R7, R43, R10: car, driver, standing duty --------------------------------------


@pytest.mark.parametrize("car", ["part", "whole"])
def test_the_public_car_takes_ten_thousand(car: str) -> None:
    result = of_trip(public_car=car)

    assert amounts(result) == [
        ("in_area_flat", 20_000),
        ("in_area_car_deduction", -10_000),
    ]
    assert result.trips[0].lines[1].why.ko == "공무용 차량 이용으로 10,000원 감액"


def test_the_public_car_never_takes_more_than_there_is() -> None:
    result = of_trip(office("in_area = { half = 7000 }"), hours="09:00:00-10:00:00", **CAR)

    assert amounts(result) == [
        ("in_area_flat", 7_000),
        ("in_area_car_deduction", -7_000),
    ]
    assert result.total == 0


@pytest.mark.parametrize("said", [{}, near(1_800, cost(5_000))])
def test_a_dedicated_car_pays_nothing_near_or_far(said: dict[str, Any]) -> None:
    result = computed(claim(trip(**said), person=WITH_CAR_OF_ONES_OWN))

    (line,) = result.trips[0].lines
    assert (line.item, line.amount, line.rule) == ("in_area_flat", 0, "R7")
    assert line.status == "refused"


@pytest.mark.parametrize(
    ("setting", "said", "expected"),
    [
        ("none", CAR, [("in_area_flat", 0)]),
        ("none", {}, [("in_area_flat", 20_000)]),
        ("none", near(1_800, cost(5_000), **CAR), [("in_area_flat", 0)]),
        ("minus", CAR, [("in_area_flat", 20_000), ("in_area_car_deduction", -10_000)]),
        ("minus", {}, [("in_area_flat", 20_000)]),
        ("minus", near(1_800, cost(5_000), **CAR), [("in_area_actual", 5_000)]),
    ],
)
def test_a_hired_driver_is_treated_as_the_office_decided(
    setting: str, said: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    sets = office(f'in_area = {{ hired_driver = "{setting}" }}')
    result = computed(claim(trip(**said), person=DRIVER, rule_set="office"), sets)

    assert amounts(result) == expected


def test_the_drivers_deduction_names_the_rule_of_the_driver() -> None:
    result = computed(claim(trip(**CAR), person=DRIVER, rule_set="kr-gwangsan"))

    line = result.trips[0].lines[1]
    assert line.rule == "R43"
    assert line.cites == ("조례 제4조제2항",)
    assert line.rule_set == "kr-gwangsan@2023-05-17"


def test_a_trip_of_the_standing_duty_is_not_paid_twice() -> None:
    result = of_trip(standing_duty=True)

    (line,) = result.trips[0].lines
    assert (line.item, line.amount, line.rule) == ("in_area_flat", 0, "R10")
    assert line.status == "refused"
    assert "standing_overlap" in codes(result)


# -- R9, R44: within two kilometres ----------------------------------------------------


@pytest.mark.parametrize(
    ("metres", "item"),
    [(1_998, "in_area_actual"), (2_000, "in_area_actual"), (2_001, "in_area_flat")],
)
def test_two_kilometres_there_and_back_are_still_near(metres: int, item: str) -> None:
    (line, *_) = of_trip(**near(metres, cost(5_000))).trips[0].lines

    assert line.item == item


@pytest.mark.parametrize(
    ("metres", "warned"),
    [(1_899, False), (1_900, True), (2_000, True), (2_100, True), (2_101, False)],
)
def test_the_edge_of_two_kilometres_is_said(metres: int, *, warned: bool) -> None:
    assert ("distance_band_2km" in codes(of_trip(**near(metres)))) == warned


def test_near_pays_what_was_proved_and_asks_paper_for_the_rest() -> None:
    result = of_trip(**near(1_800, cost(5_200), cost(3_000, "none")))

    paid, waiting = result.trips[0].lines
    assert (paid.amount, paid.status) == (5_200, "payable")
    assert paid.why.ko == "왕복 1,800 m로 2 km 이내이므로 실비 5,200원"
    assert (waiting.amount, waiting.status) == (0, "needs_evidence")
    assert waiting.inputs["would_be"] == 3_000
    assert "evidence_missing" in codes(result)
    assert "near_no_cost" not in codes(result)


@pytest.mark.parametrize(
    ("hours", "won", "paid"),
    [
        ("09:00:00-13:00:00", 20_000, 20_000),
        ("09:00:00-13:00:00", 20_001, 20_000),
        ("09:00:00-12:59:59", 10_001, 10_000),
    ],
)
def test_near_is_capped_by_the_flat_sum_of_the_same_hours(hours: str, won: int, paid: int) -> None:
    result = of_trip(hours=hours, **near(1_800, cost(won)))

    assert result.total == paid
    # An unverified setting is named only where it decided.
    bites = won > paid
    unverified = ("in_area.near_capped",) if bites else ()
    assert result.trips[0].lines[0].unverified == unverified
    assert ("setting_unverified" in codes(result)) == bites


def test_what_proof_would_bring_stays_under_the_cap() -> None:
    result = of_trip(**near(1_800, cost(15_000), cost(9_000, "photo")))

    assert result.total == 15_000
    assert result.trips[0].lines[1].inputs["would_be"] == 5_000


def test_an_office_may_lift_the_cap_near_but_not_that_of_the_day() -> None:
    sets = office("in_area = { near_capped = false }")
    result = of_trip(sets, hours="09:00:00-10:00:00", **near(1_800, cost(25_000)))

    assert amounts(result) == [("in_area_actual", 25_000), ("in_area_day_cap", -5_000)]


def test_the_public_car_takes_nothing_from_actual_cost() -> None:
    assert of_trip(**near(1_800, cost(5_000), **CAR)).total == 5_000


def test_without_the_near_rule_short_trips_earn_the_flat_sum() -> None:
    sets = office('in_area = { near_rule = "flat" }')

    assert of_trip(sets, **near(1_000)).total == 20_000


@pytest.mark.parametrize(
    ("evidence", "accepted"),
    [
        *[(kind, True) for kind in ("card", "cash_receipt", "tax_invoice", "ticket")],
        *[(kind, False) for kind in ("toll", "fuel", "parking", "photo", "none")],
        *[(kind, False) for kind in ("other_receipt", "simple_receipt")],
    ],
)
def test_only_listed_paper_proves_a_cost(evidence: str, *, accepted: bool) -> None:
    result = of_trip(**near(1_800, cost(5_000, evidence)))

    assert result.total == (5_000 if accepted else 0)
    assert ("evidence_missing" in codes(result)) != accepted


@pytest.mark.parametrize(
    ("day", "counts"),
    [("2026-10-05", False), ("2026-10-06", True), ("2026-10-07", False)],
)
def test_paper_of_another_day_proves_nothing(day: str, *, counts: bool) -> None:
    # The trip ends at midnight: the 7th is not one of its dates.
    ends_at = "2026-10-07T00:00:00+09:00"
    result = of_trip(ends_at=ends_at, **near(1_800, cost(5_000, evidence_date=day)))

    assert result.total == (5_000 if counts else 0)
    assert ("evidence_date" in codes(result)) != counts


@pytest.mark.parametrize("costs", [[], [cost(0)]])
def test_near_without_cost_pays_nothing_and_says_so(costs: list[Any]) -> None:
    result = of_trip(**near(1_800, *costs))

    assert amounts(result) == [("in_area_actual", 0)]
    assert "near_no_cost" in codes(result)


def test_without_a_distance_the_flat_sum_is_paid_with_a_warning() -> None:
    result = of_trip(distances=[])

    assert result.total == 20_000
    assert "distance_unknown" in codes(result)


def test_a_dedicated_car_needs_no_distance() -> None:
    result = computed(claim(trip(distances=[]), person=WITH_CAR_OF_ONES_OWN))

    assert "distance_unknown" not in codes(result)


@pytest.mark.parametrize(
    "said",
    [
        {"fares": [{"date": "2026-10-06", "mode": "bus", "amount": 1_000}]},
        {"nights": [{"date": "2026-10-06", "kind": "transit"}]},
        {"meals_provided": [{"date": "2026-10-06", "meals": 1}]},
    ],
)
def test_what_belongs_out_of_area_is_left_aside_and_said(said: dict[str, Any]) -> None:
    result = of_trip(**said)

    assert result.total == 20_000
    assert "ignored_in_area" in codes(result)


# -- R8: the cap of a day --------------------------------------------------------------


def test_two_trips_of_one_date_share_the_cap_in_the_order_of_time() -> None:
    first = trip("09:00:00-12:00:00", id="early")
    second = trip("13:00:00-18:00:00", id="late")
    for order in permutations([first, second]):
        result = computed(claim(*order))
        early, late = sorted(result.trips, key=lambda one: one.id)

        assert [one.id for one in result.trips] == [one["id"] for one in order]
        assert (early.total, late.total) == (10_000, 10_000)
        (cap,) = [line for line in late.lines if line.item == "in_area_day_cap"]
        assert cap.amount == -10_000
        assert cap.inputs == {
            "earlier_trips": 10_000,
            "this_trip": 20_000,
            "day_cap": 20_000,
        }
        assert cap.why.ko == ("2026-10-06 관내 여비 합계가 20,000원을 넘어 -10,000원 조정")


def test_two_short_trips_reach_the_cap_and_do_not_pass_it() -> None:
    trips = [trip(f"{h:02}:00:00-{h + 1}:00:00", id=f"t{h}") for h in (9, 11)]

    assert computed(claim(*trips)).total == 20_000
    assert "in_area_day_cap" not in dict(amounts(computed(claim(*trips))))


def test_a_third_trip_after_the_cap_brings_nothing() -> None:
    trips = [trip(f"{h:02}:00:00-{h + 1}:00:00", id=f"t{h}") for h in (9, 11, 14)]

    assert [one.total for one in computed(claim(*trips)).trips] == [10_000, 10_000, 0]


def test_trips_that_begin_together_are_capped_in_the_order_of_their_ids() -> None:
    trips = [trip(id="b"), trip(id="a")]

    assert [one.total for one in computed(claim(*trips)).trips] == [0, 20_000]


def test_the_next_date_has_a_cap_of_its_own() -> None:
    late = trip(starts_at="2026-10-06T23:59:59+09:00")
    late |= {"ends_at": "2026-10-07T05:00:00+09:00"}
    next_day = trip(id="t2", starts_at="2026-10-07T00:00:00+09:00")
    next_day |= {"ends_at": "2026-10-07T04:00:00+09:00"}

    assert computed(claim(late, next_day)).total == 40_000


def test_the_straight_line_is_named_as_the_weak_measure_it_is() -> None:
    guessed = [FAR[0] | {"method": "straight_line"}]

    assert "distance_method" in codes(of_trip(distances=guessed))
    assert "distance_method" not in codes(of_trip())
