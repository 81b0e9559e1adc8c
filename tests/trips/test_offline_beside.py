"""A touch that waited, its trip meanwhile, and the touches beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Person
from tests.clock import Clock
from tests.trips.log import types
from tests.trips.offline import Pocket, reasons, weighed
from tests.trips.touches import Phone, fixes_of
from trips.claim import claim_of
from trips.models import CheckIn, State, Trip
from trips.showing import with_all

SEOUL = (375_665_000, 1_269_780_000)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("state", [State.SETTLED, State.CANCELLED, State.VOIDED])
def test_for_a_trip_that_was_closed_meanwhile_one_without_order_is_made(
    state: str, pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    pressed = clock.later(hours=1)
    arrival = pocket.press(trip)
    clock.later(hours=2)
    back = pocket.press(trip, "return")
    clock.later(hours=1)
    Trip.objects.filter(pk=trip.pk).update(state=state)

    answers = pocket.sent(arrival, back)

    made = Trip.objects.exclude(pk=trip.pk).get()
    assert {answer["trip"] for answer in answers} == {str(made.uid)}
    assert (made.state, made.approved_at, made.starts_at) == (State.RETURNED, None, pressed)
    assert "INVALID" not in {answer["verdict"] for answer in answers}
    trip.refresh_from_db()
    assert trip.state == state


def test_a_day_without_order_and_without_a_line_is_one_trip(pocket: Pocket, clock: Clock) -> None:
    pocket.stock(None, 2)
    arrival = pocket.press(None)
    clock.later(hours=3)
    back = pocket.press(None, "return")
    clock.later(hours=1)
    pocket.sent(arrival, back)

    made = Trip.objects.get()
    assert (made.state, made.check_ins.count()) == (State.RETURNED, 2)
    assert types() == ["trip-open", "checkin", "checkin"]


def test_a_return_two_days_later_begins_a_trip_of_its_own(pocket: Pocket, clock: Clock) -> None:
    pocket.stock(None, 2)
    pocket.sent(pocket.press(None))
    clock.later(hours=25)
    pocket.sent(pocket.press(None, "return"))

    assert Trip.objects.count() == 2


def test_it_goes_on_with_nobody_elses_trip(pocket: Pocket, mallory: Person, clock: Clock) -> None:
    Phone.of(mallory).touch(None)
    pocket.stock(None, 2)
    pocket.sent(pocket.press(None, "return"))

    assert {made.check_ins.count() for made in Trip.objects.all()} == {1}


def test_two_touches_that_come_in_together_were_not_made_together(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    arrival = pocket.press(trip)
    clock.later(hours=5)
    back = pocket.press(trip, "return", fixes=fixes_of(*SEOUL))
    clock.later(hours=1)
    _, answer = pocket.sent(arrival, back)

    before = weighed(CheckIn.objects.get(uid=answer["id"]))["previous"]
    assert before["seconds_before"] == 5 * 3_600
    assert "presence.impossible-speed" not in reasons(answer)


def test_nobody_is_in_two_towns_a_minute_apart(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    arrival = pocket.press(trip)
    clock.later(minutes=1)
    back = pocket.press(trip, "return", fixes=fixes_of(*SEOUL))
    clock.later(hours=6)

    assert "presence.impossible-speed" in reasons(pocket.sent(arrival, back)[1])


def test_of_a_touch_with_bounds_alone_nobody_knows_the_speed(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    pocket.off_s = -86_400
    arrival = pocket.press(trip)
    pocket.off_s = 0
    clock.later(hours=6)
    pocket.sent(arrival)
    clock.later(seconds=5)

    answer = pocket.phone.touch(trip, "return", fixes=fixes_of(*SEOUL))
    assert weighed(CheckIn.objects.get(uid=answer.json()["id"]))["previous"] is None


def test_the_stay_is_as_long_as_it_was(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    arrival = pocket.press(trip)
    clock.later(hours=2)
    back = pocket.press(trip, "return")
    clock.later(hours=9)
    first, _ = pocket.sent(arrival, back)

    touch = CheckIn.objects.get(uid=first["id"])
    assert weighed(touch)["stay_s"] == 2 * 3_600


def test_an_arrival_that_comes_in_after_its_return_knows_the_stay_too(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    arrival = pocket.press(trip)
    clock.later(hours=2)
    pocket.phone.touch(trip, "return")
    clock.later(hours=1)

    touch = pocket.kept_touch(arrival)
    assert weighed(touch)["stay_s"] == 2 * 3_600
    trip.refresh_from_db()
    assert trip.state == State.RETURNED


def test_money_goes_by_when_they_were_made(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    clock.later(minutes=30)
    arrival = pocket.press(trip)
    clock.later(hours=3)
    back = pocket.press(trip, "return")
    clock.later(hours=20)
    pocket.sent(arrival, back)

    assert evidenced(trip) == {
        "starts_at": "2026-11-23T12:30:00+09:00",
        "ends_at": "2026-11-23T15:30:00+09:00",
    }


def test_money_goes_by_what_is_sure_where_bounds_are_all_that_is_known(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.phone.touch(trip)
    clock.later(hours=2)
    pocket.stock(trip)
    pocket.off_s = -86_400
    back = pocket.press(trip, "return")
    pocket.off_s = 0
    clock.later(hours=7)
    pocket.sent(back)

    assert evidenced(trip)["ends_at"] == "2026-11-23T14:00:00+09:00"


def evidenced(trip: Trip) -> dict[str, str]:
    row = with_all(Trip.objects.filter(pk=trip.pk)).get()
    said: dict[str, str] = claim_of([row], person=row.traveller)["trips"][0]["evidenced"]
    return said
