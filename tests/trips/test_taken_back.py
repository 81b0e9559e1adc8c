"""A touch taken back within its seconds, and what its trip is then."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Person
from attest.documents import read_status
from attest.keyfile import read_opening_keys
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import line_of, rows, types
from tests.trips.stages import Stages
from tests.trips.touches import (
    CHECK_INS,
    Phone,
)
from trips.models import State, Trip
from trips.services.confirm import confirm
from trips.services.return_request import return_request

# Still inside the site, eight hundred steps away.
ELSEWHERE_E7 = 352_541_337


def test_a_touch_is_taken_back_within_fifteen_seconds(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    touch = phone.touched(trip)
    clock.later(seconds=15)
    answer = phone.take_back(touch)

    assert answer.status_code == 200
    assert types() == ["trip-open", "approval", "checkin", "void"]
    *_, checkin, void = line_of(trip.log_id)
    assert void["of"] == checkin["n"]
    trip.refresh_from_db()
    assert trip.state == State.APPROVED


@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTED, State.APPROVED])
def test_a_trip_whose_only_touch_is_taken_back_stands_where_it_stood(
    state: State, phone: Phone, stages: Stages
) -> None:
    trip = stages[state]()
    phone.take_back(phone.touched(trip))

    trip.refresh_from_db()
    assert trip.state == state


def test_a_request_that_was_given_back_is_a_draft_again_after_an_undo(
    phone: Phone, stages: Stages, bora: Person
) -> None:
    trip = return_request(stages[State.REQUESTED](), approver=bora, reason="언제인지", now=NOON)
    phone.take_back(phone.touched(trip))

    trip.refresh_from_db()
    assert trip.state == State.DRAFT


def test_a_second_more_is_too_late(phone: Phone, trip: Trip, clock: Clock) -> None:
    touch = phone.touched(trip)
    clock.later(seconds=15.001)
    before = rows()
    answer = phone.take_back(touch)

    assert answer.status_code == 409
    assert answer.json()["code"] == "trip.move-refused"
    assert rows() == before
    touch.refresh_from_db()
    assert touch.withdrawn_at is None


def test_taking_back_twice_is_taking_back_once(phone: Phone, trip: Trip, clock: Clock) -> None:
    touch = phone.touched(trip)
    first = phone.take_back(touch)
    clock.later(minutes=5)

    assert phone.take_back(touch).json() == first.json()
    assert types().count("void") == 1


def test_a_touch_taken_back_joins_the_status_list_within_a_minute(
    phone: Phone, trip: Trip, clock: Clock, key_folder: Path
) -> None:
    stands, touch = phone.touched(trip), phone.touched(trip, "stop")
    for _ in range(2):
        phone.take_back(touch)
    clock.later(seconds=59)

    keyset = read_opening_keys((key_folder / "opening-keys.json").read_text()).verify
    document, now = phone.api.get("/api/v1/status-list").content, int(clock.at.timestamp())
    listed = read_status(document, keyset=keyset, host=settings.HOST, now=now)
    assert bytes(touch.cti) in listed
    assert bytes(stands.cti) not in listed
    assert len(listed) == 1


def test_a_return_taken_back_leaves_the_arrival(phone: Phone, trip: Trip, clock: Clock) -> None:
    phone.touch(trip)
    clock.later(hours=1)
    phone.take_back(phone.touched(trip, "return"))

    trip.refresh_from_db()
    assert trip.state == State.TRAVELLING


@pytest.mark.parametrize("name", ["bora", "mallory"])
def test_nobody_else_takes_adas_touch_back(
    name: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    touch = phone.touched(trip)
    other = phone_of(request.getfixturevalue(name))

    assert other.post(f"{CHECK_INS}/{touch.uid}/withdrawal").status_code == 404
    assert other.get(f"{CHECK_INS}/{touch.uid}").status_code == 404


def test_a_confirmed_trip_stays_confirmed(
    phone: Phone, trip: Trip, bora: Person, clock: Clock
) -> None:
    phone.touch(trip, "return")
    confirm(trip, approver=bora, now=clock.later(hours=1))
    phone.take_back(phone.touched(trip))

    trip.refresh_from_db()
    assert trip.state == State.CONFIRMED
