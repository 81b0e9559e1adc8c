"""Confirming a trip, calling it off, and saying that it was none."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from accounts.models import Person, Place
from attest.errors import MoveRefused, NotYours
from tests.clock import Clock
from tests.conftest import NOON
from tests.trips.log import line_of, rows
from tests.trips.stages import Stages, outcome, said_to_be_none
from tests.trips.touches import Phone
from trips.models import Correction, State, Trip
from trips.services.cancel import cancel
from trips.services.confirm import confirm
from trips.services.correct import correct
from trips.services.decide_correction import decide_correction
from trips.services.void import void

# --- confirming ----------------------------------------------------------------------------


@pytest.mark.parametrize("touches", [[], ["arrive"]])
def test_a_trip_that_is_neither_back_nor_over_is_not_confirmed(
    touches: list[str], phone: Phone, trip: Trip, bora: Person
) -> None:
    for kind in touches:
        phone.touch(trip, kind)

    with pytest.raises(MoveRefused):
        confirm(trip, approver=bora, now=trip.ends_at - timedelta(seconds=1))
    assert confirm(trip, approver=bora, now=trip.ends_at).state == State.CONFIRMED


def test_a_trip_that_is_back_early_is_confirmed_early(
    phone: Phone, trip: Trip, bora: Person
) -> None:
    phone.touch(trip)
    phone.touch(trip, "return")

    assert confirm(trip, approver=bora, now=NOON).state == State.CONFIRMED


def test_an_open_correction_stands_before_the_confirmation(
    stages: Stages, bora: Person, ada: Person
) -> None:
    trip = stages[State.RETURNED]()
    asked = correct(trip, person=ada, what="return", value="18:00", reason="전화 꺼짐", now=NOON)

    with pytest.raises(MoveRefused):
        confirm(trip, approver=bora, now=NOON)
    Correction.objects.filter(pk=asked.pk).update(state=Correction.State.DECLINED)
    assert confirm(trip, approver=bora, now=NOON).state == State.CONFIRMED


def test_a_trip_without_order_gets_a_late_one_when_it_is_confirmed(
    phone: Phone, bora: Person, clock: Clock
) -> None:
    touch = phone.touched(None)
    phone.touch(touch.trip, "return")
    trip = confirm(touch.trip, approver=bora, now=clock.later(hours=3))

    assert trip.state == State.CONFIRMED
    assert trip.order_number
    assert trip.approved_at is not None
    assert trip.approved_at > trip.starts_at
    assert [leaf["t"] for leaf in line_of(trip.log_id)] == [
        *("trip-open", "checkin", "checkin", "approval"),
    ]


def test_an_order_before_the_start_keeps_its_time(stages: Stages, bora: Person) -> None:
    trip = stages[State.RETURNED]()
    ordered_at = trip.approved_at

    assert confirm(trip, approver=bora, now=NOON).approved_at == ordered_at


# --- calling off -----------------------------------------------------------------------------


def test_a_trip_with_a_touch_that_stands_is_not_cancelled(
    phone: Phone, trip: Trip, ada: Person, clock: Clock
) -> None:
    touch = phone.touched(trip)
    Trip.objects.filter(pk=trip.pk).update(state=State.APPROVED)

    with pytest.raises(MoveRefused):
        cancel(trip, actor=ada, reason="", now=NOON)
    phone.take_back(touch)
    assert cancel(trip, actor=ada, reason="", now=NOON).state == State.CANCELLED


def test_its_approver_may_cancel_it_too(trip: Trip, bora: Person) -> None:
    assert cancel(trip, actor=bora, reason="중복", now=NOON).state == State.CANCELLED


@pytest.mark.parametrize("name", ["felix", "iris", "olga", "mallory"])
def test_nobody_else_cancels_it(name: str, trip: Trip, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotYours):
        cancel(trip, actor=request.getfixturevalue(name), reason="", now=NOON)


def test_no_clerk_voids_a_trip_without_the_travellers_yes(stages: Stages, felix: Person) -> None:
    trip = stages[State.TRAVELLING]()
    before = rows()

    with pytest.raises(MoveRefused):
        void(trip, clerk=felix, reason="아님", now=NOON)
    assert rows() == before


@pytest.mark.parametrize(
    ("answer", "voided"), [("accepted", ""), ("declined", "trip.move-refused")]
)
def test_what_the_approver_said_to_the_yes_counts(
    answer: str, voided: str, stages: Stages, felix: Person, bora: Person
) -> None:
    trip = said_to_be_none(stages[State.TRAVELLING]())
    asked = trip.corrections.get()
    decide_correction(asked, approver=bora, decision=answer, note="봤습니다", now=NOON)

    assert outcome(partial(void, clerk=felix, reason="아님", now=NOON), trip) == voided


def test_one_yes_voids_one_trip(stages: Stages, felix: Person) -> None:
    trip = said_to_be_none(stages[State.TRAVELLING]())
    void(trip, clerk=felix, reason="아님", now=NOON)

    assert trip.corrections.get().state == Correction.State.ACCEPTED


def test_a_clerk_does_not_void_their_own_trip(felix: Person, bora: Person, site: Place) -> None:
    theirs = Phone.of(felix)
    trip = theirs.touched(None).trip
    said_to_be_none(trip)

    with pytest.raises(NotYours):
        void(trip, clerk=felix, reason="아님", now=NOON)
