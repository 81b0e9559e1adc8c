"""Daily allowance and meals: dates, long stays, meals on the table, one day two trips."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from .claims import claim, codes, computed, journey, lines, of_journey, office, sums, trip


@pytest.mark.parametrize(
    ("ends_at", "days"),
    [
        ("2026-10-06T09:00:01+09:00", 1),
        ("2026-10-07T00:00:00+09:00", 1),
        ("2026-10-07T00:00:01+09:00", 2),
        ("2026-10-06T15:00:00Z", 1),
        ("2026-10-06T15:00:01Z", 2),
    ],
)
def test_each_date_in_korea_counts_and_midnight_belongs_to_the_day_before(
    ends_at: str, days: int
) -> None:
    result = of_journey(ends_at=ends_at)

    assert sums(result) == {"daily": 25_000 * days, "meals": 25_000 * days}


@pytest.mark.parametrize("car", ["part", "whole"])
def test_a_public_car_halves_the_daily_allowance_of_its_dates(car: str) -> None:
    whole = of_journey("2026-10-08", public_car=car)
    one = of_journey("2026-10-08", public_car=car, public_car_dates=["2026-10-07"])

    assert sums(whole)["daily"] == 3 * 12_500
    assert [(li.amount, li.inputs["days"]) for li in lines(one, "daily")] == [
        (50_000, 2),
        (12_500, 1),
    ]
    assert sums(one)["meals"] == 75_000


def test_car_dates_without_a_car_count_for_nothing() -> None:
    assert sums(of_journey(public_car_dates=["2026-10-06"]))["daily"] == 25_000


# -- R22 -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "percents"),
    [
        ("2026-10-21", [(100, 16)]),
        ("2026-10-22", [(100, 16), (90, 1)]),
        ("2026-11-05", [(100, 16), (90, 15)]),
        ("2026-11-06", [(100, 16), (90, 15), (80, 1)]),
        ("2026-12-05", [(100, 16), (90, 15), (80, 30)]),
        ("2026-12-06", [(100, 16), (90, 15), (80, 30), (70, 1)]),
    ],
)
def test_a_long_stay_pays_less_from_its_sixteenth_day_on(
    last: str, percents: list[tuple[int, int]]
) -> None:
    result = of_journey(last, stay={"arrived_on": "2026-10-06"})
    days = [(li.inputs.get("percent", 100), li.inputs["days"]) for li in lines(result, "daily")]

    merged: dict[Any, Any] = {}
    for percent, number in days:
        merged[percent] = merged.get(percent, 0) + number
    assert list(merged.items()) == percents
    assert sums(result)["meals"] == 25_000 * sum(n for _, n in percents)


def test_days_away_are_paid_in_full_and_do_not_count() -> None:
    away = ["2026-10-10", "2026-10-10", "2026-10-22", "2026-10-01"]
    result = of_journey("2026-10-24", stay={"arrived_on": "2026-10-06", "away_dates": away})

    # 18 dates after arrival, two of them away: the sixteenth day of the stay is the 24th.
    assert sums(result)["daily"] == 18 * 25_000 + 22_500


def test_a_stay_that_began_before_the_trip_goes_on_counting() -> None:
    result = of_journey("2026-10-07", stay={"arrived_on": "2026-09-21"})

    # The 6th is the fifteenth day, the 7th the sixteenth.
    assert [li.inputs["rate"] for li in lines(result, "daily")] == [25_000, 22_500]


def test_a_stay_by_public_car_is_cut_twice_and_goes_down_to_a_won() -> None:
    sets = office("daily = { amount = 25001 }")
    said: dict[str, Any] = {"public_car": "whole", "stay": {"arrived_on": "2026-09-06"}}

    assert sums(of_journey(sets=sets, **said))["daily"] == 25_001 * 90 // 200


@pytest.mark.parametrize(("last", "warned"), [("2026-10-21", False), ("2026-10-22", True)])
def test_over_sixteen_paid_days_somebody_should_say_whether_it_was_one_stay(
    last: str, *, warned: bool
) -> None:
    assert ("stay_unknown" in codes(of_journey(last))) == warned
    told = of_journey(last, stay={"arrived_on": "2026-10-06"})
    assert "stay_unknown" not in codes(told)
    idle = of_journey(last, not_needed_dates=["2026-10-10"])
    assert "stay_unknown" not in codes(idle)


def test_a_trip_of_many_years_is_counted_without_counting_its_days() -> None:
    said = {"starts_at": "2026-10-06T09:00:00+09:00", "ends_at": "9999-12-31T18:00:00+09:00"}
    result = computed(claim(journey(**said, stay={"arrived_on": "2026-10-06"})))

    days = (date(9999, 12, 31) - date(2026, 10, 5)).days
    assert sums(result)["meals"] == 25_000 * days
    assert sum(li.inputs["days"] for li in lines(result, "daily")) == days  # type: ignore[misc]


# -- R13 -------------------------------------------------------------------------------


@pytest.mark.parametrize(("meals", "won"), [(0, 25_000), (1, 16_666), (2, 8_333), (3, 0)])
def test_each_meal_provided_takes_a_third(meals: int, won: int) -> None:
    provided = [{"date": "2026-10-06", "meals": 1}] * meals
    result = of_journey(meals_provided=provided)
    (line,) = lines(result, "meals")

    assert (line.amount, line.status) == (won, "payable" if won else "refused")
    assert line.unverified == (("rounding.meal_step",) if won % 5 else ())


def test_more_than_three_meals_a_day_take_no_more_than_the_day() -> None:
    provided = [{"date": "2026-10-06", "meals": 3}, {"date": "2026-10-06", "meals": 2}]
    result = of_journey("2026-10-07", meals_provided=provided)

    assert [(li.amount, li.inputs["provided"]) for li in lines(result, "meals")] == [
        (0, 3),
        (25_000, 0),
    ]


def test_meals_go_down_to_the_step_of_the_agency() -> None:
    sets = office("rounding = { meal_step = 100 }")
    result = of_journey(sets=sets, meals_provided=[{"date": "2026-10-06", "meals": 1}])

    assert sums(result)["meals"] == 16_600


@pytest.mark.parametrize("said", [{"grade": 1}, {"follows_senior": True}])
def test_grade_one_eats_by_its_own_setting(said: dict[str, Any]) -> None:
    sets = office("meals = { amount = 24000, first_grade_amount = 27000 }")

    assert sums(of_journey(sets=sets, **said))["meals"] == 27_000
    assert sums(of_journey(sets=sets))["meals"] == 24_000
    (line,) = lines(of_journey(**said), "meals")
    assert line.unverified == ("meals.first_grade_amount",)


# -- R30, R31 --------------------------------------------------------------------------


def test_a_date_the_duty_did_not_need_pays_neither_daily_nor_meals() -> None:
    result = of_journey("2026-10-08", not_needed_dates=["2026-10-07", "2026-10-08"])

    assert sums(result) == {"daily": 25_000, "meals": 25_000}
    idle = [li for li in lines(result, "daily") if li.rule == "R30"]
    assert [(li.amount, li.status, li.inputs) for li in idle] == [(0, "refused", {"days": 2})]


def two(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    morning = {"id": "a", "ends_at": "2026-10-06T12:00:00+09:00"}
    noon = {"id": "b", "starts_at": "2026-10-06T13:00:00+09:00"}
    return claim(journey(**(morning | first)), journey(**(noon | second)))


@pytest.mark.parametrize(
    ("first", "second", "daily"),
    [
        ({}, {}, [25_000, 0]),
        ({"public_car": "part"}, {}, [12_500, 12_500]),
        ({}, {"public_car": "part"}, [25_000, 0]),
        ({"not_needed_dates": ["2026-10-06"]}, {}, [0, 25_000]),
    ],
)
def test_two_trips_of_one_date_have_it_once_at_the_larger_amount(
    first: dict[str, Any], second: dict[str, Any], daily: list[int]
) -> None:
    result = computed(two(first, second))

    assert [li.amount for li in lines(result, "daily")] == daily
    assert ("date_already_paid" in codes(result)) == (daily[0] > 0)


def test_a_smaller_trip_between_two_opens_no_door_to_the_third() -> None:
    hours = [("09", "11", "none"), ("12", "14", "part"), ("15", "17", "none")]
    trips = [
        journey(
            id=f"t{n}",
            starts_at=f"2026-10-06T{start}:00:00+09:00",
            ends_at=f"2026-10-06T{end}:00:00+09:00",
            public_car=car,
        )
        for n, (start, end, car) in enumerate(hours)
    ]

    assert [li.amount for li in lines(computed(claim(*trips)), "daily")] == [25_000, 0, 0]


def test_only_the_shared_date_is_paid_once() -> None:
    later = journey("2026-10-08", id="b", starts_at="2026-10-07T20:00:00+09:00")
    result = computed(claim(journey("2026-10-07", id="a"), later))

    assert [one.total for one in result.trips] == [100_000, 50_000]
    warned = [w.data for one in result.trips for w in one.warnings if w.code == "date_already_paid"]
    assert warned == [
        {"item": "daily", "date": "2026-10-07", "days": 1},
        {"item": "meals", "date": "2026-10-07", "days": 1},
    ]


def test_meals_of_the_earlier_trip_leave_the_difference() -> None:
    provided = {"meals_provided": [{"date": "2026-10-06", "meals": 1}]}
    result = computed(two(provided, {}))

    assert [li.amount for li in lines(result, "meals")] == [16_666, 8_334]


def test_both_kinds_of_money_on_one_date_are_said() -> None:
    near = trip("19:00:00-21:00:00", id="in")
    result = computed(claim(journey(), near))

    (warned,) = [w for w in result.warnings if w.code == "mixed_areas_same_day"]
    assert warned.data == {"date": "2026-10-06", "trips": ["in", "t1"]}
    idle = journey(not_needed_dates=["2026-10-06"])
    assert "mixed_areas_same_day" not in codes(computed(claim(idle, near)))
    driven = trip("19:00:00-21:00:00", id="in", public_car="whole")
    assert "mixed_areas_same_day" not in codes(computed(claim(journey(), driven)))
