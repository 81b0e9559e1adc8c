"""Eight presses at the same moment: one touch is kept once, and two leave no gap in the log.

On PostgreSQL eight threads press together, each over a connection of its own. SQLite has one
writer at a time: there the same eight come one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import Person
from ledger.models import TripHead
from tests.conftest import phone_of
from tests.trips.log import leaves, line_of
from tests.trips.touches import CHECK_INS, Phone
from trips.models import Assessment, Challenge, CheckIn, State, Trip, TripToken

pytestmark = pytest.mark.django_db(transaction=True)
PRESSES = 8


def hands() -> int:
    return {"postgresql": PRESSES, "sqlite": 1}[connection.vendor]


def all_at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Every deed by a hand of its own."""
    ready = Barrier(hands())

    def hand(deed: Callable[[], Any]) -> Any:
        try:
            ready.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(hands()) as workers:
        return list(workers.map(hand, deeds))


def sending(person: Person, envelope: dict[str, Any]) -> Callable[[], Any]:
    door = phone_of(person)
    return lambda: door.post(CHECK_INS, envelope, format="json")


def expect_a_chain(trip: Trip, count: int) -> None:
    line = line_of(trip.log_id)
    entries = [json.dumps(leaf, separators=(",", ":"), sort_keys=True) for leaf in line]
    hashes = [sha256(b"\0" + entry.encode()).digest() for entry in entries]
    head = TripHead.objects.get(pk=trip.log_id)
    assert [leaf["n"] for leaf in line] == list(range(count))
    assert bytes(head.hashes) == b"".join(hashes)


def expect_one_touch(answers: list[Any]) -> Trip:
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["token"]["text"] for answer in answers}) == 1
    assert len({json.dumps(answer.json()["reasons"]) for answer in answers}) == 1
    assert CheckIn.objects.count() == Assessment.objects.count() == 1
    assert [leaf["t"] for leaf in leaves()].count("checkin") == 1
    return CheckIn.objects.get().trip


def test_one_touch_sent_eight_times_at_once_is_one_touch(phone: Phone, trip: Trip) -> None:
    envelope = phone.envelope(trip)

    answers = all_at_once([sending(phone.person, envelope) for _ in range(PRESSES)])

    expect_a_chain(expect_one_touch(answers), 3)


def test_one_touch_without_order_sent_eight_times_at_once_makes_one_trip(phone: Phone) -> None:
    envelope = phone.envelope(None)

    answers = all_at_once([sending(phone.person, envelope) for _ in range(PRESSES)])

    expect_a_chain(expect_one_touch(answers), 2)
    assert Trip.objects.count() == 1


def test_different_touches_of_one_trip_at_once_stand_in_a_row(phone: Phone, trip: Trip) -> None:
    envelopes = [phone.envelope(trip, kind="stop") for _ in range(PRESSES)]

    answers = all_at_once([sending(phone.person, envelope) for envelope in envelopes])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["token"]["spoken"] for answer in answers}) == PRESSES
    expect_a_chain(trip, 2 + PRESSES)


def test_one_challenge_answered_eight_times_at_once_counts_once(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)
    envelopes = [phone.envelope(trip, asked=asked) for _ in range(PRESSES)]

    answers = all_at_once([sending(phone.person, envelope) for envelope in envelopes])

    verdicts = [answer.json()["verdict"] for answer in answers]
    assert {answer.status_code for answer in answers} == {201}
    assert verdicts.count("INVALID") == PRESSES - 1
    assert Challenge.objects.get().used_at is not None


def test_a_trip_asked_for_eight_times_at_once_has_one_token(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)
    here = f"/api/v1/trips/{trip.uid}/token"
    doors = [phone_of(phone.person) for _ in range(PRESSES)]

    answers = all_at_once([partial(door.get, here) for door in doors])

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["text"] for answer in answers}) == 1
    assert TripToken.objects.count() == 1


def test_trips_made_at_once_have_numbers_of_their_own(phone: Phone, trip: Trip) -> None:
    envelopes = [phone.envelope(None) for _ in range(PRESSES)]

    answers = all_at_once([sending(phone.person, envelope) for envelope in envelopes])

    made = Trip.objects.exclude(pk=trip.pk)
    assert {answer.status_code for answer in answers} == {201}
    assert len(set(made.values_list("number", flat=True))) == PRESSES
    assert set(made.values_list("state", flat=True)) == {State.TRAVELLING}
