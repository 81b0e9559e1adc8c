"""What the clock alone tells: no arrival, no return, a trip that came back. Once, and in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person, Place, Post
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.trips.touches import Phone
from trips.models import State, Trip
from trips.services.draft import draft
from trips.services.remind import MOST, remind

ENDS = NOON + timedelta(hours=4, minutes=30)


def told(kind: Post.Kind) -> list[Person]:
    return [row.person for row in Post.objects.filter(kind=kind).select_related("person")]


@pytest.mark.parametrize(("minutes", "count"), [(29, 0), (30, 1), (24 * 60, 1), (24 * 60 + 1, 0)])
def test_half_an_hour_after_the_start_a_missing_arrival_is_told_for_a_day(
    minutes: int, count: int, trip: Trip, ada: Person
) -> None:
    remind(now=NOON + timedelta(minutes=minutes))

    assert told(Post.Kind.ARRIVAL_DUE) == [ada] * count


def test_who_has_arrived_is_not_reminded_to(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)
    remind(now=NOON + timedelta(minutes=31))

    assert told(Post.Kind.ARRIVAL_DUE) == []


@pytest.mark.parametrize(("minutes", "count"), [(59, 0), (60, 1)])
def test_an_hour_after_the_end_a_missing_return_is_told(
    minutes: int, count: int, phone: Phone, trip: Trip
) -> None:
    phone.touch(trip)
    remind(now=ENDS + timedelta(minutes=minutes))

    assert told(Post.Kind.RETURN_DUE) == [phone.person] * count


def test_a_trip_that_is_back_is_told_to_its_approver(
    phone: Phone, trip: Trip, bora: Person, clock: Clock
) -> None:
    phone.touch(trip)
    clock.later(minutes=10)
    phone.touch(trip, "return")
    remind(now=clock())

    assert told(Post.Kind.TO_CONFIRM) == [bora]
    assert told(Post.Kind.RETURN_DUE) == []


def test_a_second_turn_tells_nothing_again(trip: Trip) -> None:
    at = ENDS + timedelta(hours=2)
    first = remind(now=at)

    assert (first, remind(now=at)) == (2, 0)


@pytest.mark.parametrize("state", ["draft", "requested", "confirmed", "cancelled", "voided"])
def test_nobody_is_reminded_of_a_trip_that_is_not_theirs_to_make(state: str, trip: Trip) -> None:
    Trip.objects.update(state=state)

    assert remind(now=ENDS + timedelta(hours=2)) == 0


def test_one_turn_asks_a_bounded_number_of_times_and_leaves_the_rest_to_the_next(
    ada: Person, bora: Person, site: Place
) -> None:
    written = draft(traveller=ada, plan=plan_of(bora, site), now=NOON)
    Trip.objects.bulk_create(
        Trip(
            number=f"BT26-9{number:05}",
            traveller=ada,
            department=ada.department,
            approver=bora,
            purpose="x",
            starts_at=written.starts_at,
            ends_at=written.ends_at,
            registered_at=NOON,
            state=State.APPROVED,
        )
        for number in range(MOST + 1)
    )
    at = NOON + timedelta(hours=1)
    with CaptureQueriesContext(connection) as captured:
        first = remind(now=at)
    finds = [query["sql"] for query in captured if 'FROM "trips_trip"' in query["sql"]]

    assert (first, remind(now=at)) == (MOST, 1)
    assert len(finds) == 3
