"""What four hours are worth, before they are over and once the touches show them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.trips.touches import Phone
from trips.hours import Hours
from trips.models import Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for

FULL = 4 * 3_600


@pytest.fixture
def lasting(ada: Person, bora: Person, site: Place) -> Any:
    """An ordered trip of ada's from noon, of so many minutes."""

    def make(minutes: int) -> Trip:
        ends_at = NOON + timedelta(minutes=minutes)
        plan = plan_of(bora, site, starts_at=NOON, ends_at=ends_at)
        trip = draft(traveller=ada, plan=plan, now=NOON)
        return order(ask_for(trip, now=NOON), approver=bora, now=NOON)

    return make


def page(phone: Phone, trip: Trip) -> Any:
    answer = phone.api.get(f"/trips/{trip.uid}/")
    assert answer.status_code == 200
    return answer


def hours(phone: Phone, trip: Trip) -> Hours | None:
    found: Hours | None = page(phone, trip).context["hours"]
    return found


def test_before_any_touch_both_sums_stand_there_and_two_touches_are_named(
    phone: Phone, lasting: Any
) -> None:
    assert hours(phone, lasting(240)) == Hours(FULL, None, FULL, 20_000, 10_000, "both")


def test_less_than_four_hours_has_one_sum(phone: Phone, lasting: Any) -> None:
    assert hours(phone, lasting(239)) == Hours(FULL - 60, None, FULL)


def test_after_the_arrival_the_return_is_what_shows_the_hours(
    phone: Phone, lasting: Any, clock: Clock
) -> None:
    trip = lasting(300)
    phone.touch(trip)

    assert hours(phone, trip) == Hours(300 * 60, None, FULL, 20_000, 10_000, "return")
    assert "복귀 확인을 하면 4시간 이상이 증명돼요" in page(phone, trip).content.decode()


def test_who_arrived_too_late_is_not_promised_four_hours(
    phone: Phone, lasting: Any, clock: Clock
) -> None:
    trip = lasting(300)
    clock.later(minutes=61)
    phone.touch(trip)

    assert hours(phone, trip) == Hours(300 * 60, None, FULL, 20_000, 10_000, "")


@pytest.mark.parametrize(("away", "sums"), [(240, (None, None)), (239, (20_000, 10_000))])
def test_touches_four_hours_apart_settle_it(
    phone: Phone, lasting: Any, clock: Clock, away: int, sums: tuple[int | None, int | None]
) -> None:
    trip = lasting(300)
    phone.touch(trip)
    clock.later(minutes=away)
    phone.touch(trip, "return")
    found = hours(phone, trip)

    assert found == Hours(300 * 60, away * 60, FULL, *sums)


def test_what_was_told_for_a_later_date_does_not_shut_the_page(phone: Phone, lasting: Any) -> None:
    trip = lasting(30 * 60)
    Trip.objects.filter(pk=trip.pk).update(
        decided={"area_decided": {"area": "in", "reason": "관내 출장입니다"}},
        costs={"meals_provided": [{"date": "2026-11-24", "meals": 1}]},
    )

    assert hours(phone, trip) == Hours(30 * 3_600, None, FULL, 20_000, 10_000, "both")


def test_a_trip_that_is_not_paid_by_the_hour_has_none(
    phone: Phone, lasting: Any, ada: Person
) -> None:
    trip = lasting(300)
    ada.dedicated_car = True
    ada.save(update_fields=["dedicated_car"])

    assert hours(phone, trip) is None
