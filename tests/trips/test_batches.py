"""What waited on the phone comes in together, and each envelope is judged alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache

from accounts.models import Person
from tests.clock import Clock
from tests.trips.log import line_of, rows
from tests.trips.offline import BATCHES, Pocket, fresh_id
from tests.trips.touches import Phone, without_position
from trips.models import CheckIn, State, Trip


@pytest.fixture
def pocket(phone: Phone, clock: Clock) -> Pocket:
    return Pocket(phone, clock)


def test_what_waited_is_recorded_in_its_order(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    arrival = pocket.press(trip)
    clock.later(hours=2)
    back = pocket.press(trip, "return")

    first, second = pocket.sent(arrival, back)

    assert [first["kind"], second["kind"]] == ["arrive", "return"]
    trip.refresh_from_db()
    assert trip.state == State.RETURNED
    assert [leaf["t"] for leaf in line_of(trip.log_id)] == [
        *("trip-open", "approval", "checkin", "checkin"),
    ]


def test_sent_again_it_is_answered_as_the_first_time(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    clock.later(hours=1)
    first = pocket.send(envelope).json()["answers"][0]
    clock.later(hours=1)
    pocket.phone.sign_in()
    again = pocket.send(envelope | {"beacon": None}).json()["answers"][0]

    assert (first["status"], again["status"]) == (201, 200)
    assert again["answer"]["token"] == first["answer"]["token"]
    assert again["answer"]["claimed_at"] == first["answer"]["claimed_at"]
    assert CheckIn.objects.count() == 1


def test_the_same_envelope_twice_in_one_batch_is_one_touch(pocket: Pocket, trip: Trip) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)

    answers = pocket.send(envelope, envelope).json()["answers"]
    assert [one["status"] for one in answers] == [201, 200]
    assert CheckIn.objects.count() == 1


def test_one_that_is_spoilt_spoils_no_other(pocket: Pocket, trip: Trip) -> None:
    pocket.stock(trip)
    name = fresh_id()
    good = [pocket.press(trip, id=name), pocket.press(trip, "stop")]
    other_body = pocket.press(trip, id=name, **without_position("refused"))
    nobodys = pocket.press(Trip(uid=uuid4()))
    spoilt: list[Any] = [
        {},
        {"id": "x"},
        {"withdraws": "x"},
        {"withdraws": fresh_id()},
        good[0] | {"record": "{}"},
        good[0] | {"proof": {"kind": "password"}},
    ]

    answers = pocket.send(good[0], *spoilt, other_body, nobodys, good[1]).json()["answers"]

    assert [one["status"] for one in answers] == [201, 400, 400, 400, 404, 400, 400, 409, 404, 201]
    codes = [one["refusal"]["code"] if one["refusal"] else None for one in answers]
    assert codes == [
        *(None, "request.shape", "request.shape", "request.shape", "not-found"),
        *("record.malformed", "record.malformed", "check-in.id-reused", "not-found", None),
    ]
    assert CheckIn.objects.count() == 2


def test_somebody_elses_queue_records_nothing_for_her(
    pocket: Pocket, trip: Trip, mallory: Person
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    theirs = Pocket(Phone.of(mallory), pocket.clock)
    before = rows()

    (answer,) = theirs.send(envelope).json()["answers"]
    assert answer["status"] == 404
    assert rows() == before


@pytest.mark.parametrize(
    "body",
    [{}, {"envelopes": []}, {"envelopes": {}}, {"envelopes": [1]}, {"envelopes": [{}] * 51}],
    ids=["nothing", "none", "no list", "no envelope", "fifty-one"],
)
def test_a_batch_that_is_none_is_refused_whole(body: Any, pocket: Pocket) -> None:
    answer = pocket.phone.api.post(BATCHES, body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")


def test_fifty_are_taken(pocket: Pocket) -> None:
    answer = pocket.phone.api.post(BATCHES, {"envelopes": [{}] * 50}, format="json")

    assert [one["status"] for one in answer.json()["answers"]] == [400] * 50


def test_a_batch_counts_as_one_touch(pocket: Pocket, trip: Trip) -> None:
    cache.clear()
    statuses = [pocket.send(*[{}] * 9).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


# --- taken back while it waited -------------------------------------------------------------


def test_a_touch_taken_back_while_it_waited_is_recorded_and_withdrawn(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    clock.later(hours=3)

    touch, void = pocket.sent(envelope, {"withdraws": envelope["id"]})

    assert touch["id"] == void["id"]
    assert CheckIn.objects.get().withdrawn_at == clock()
    assert [leaf["t"] for leaf in line_of(trip.log_id)][-2:] == ["checkin", "void"]
    trip.refresh_from_db()
    assert trip.state == State.APPROVED


def test_taken_back_too_late_it_stands(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    pocket.send(envelope)
    clock.later(seconds=16)

    (answer,) = pocket.send({"withdraws": envelope["id"]}).json()["answers"]
    assert (answer["status"], answer["refusal"]["code"]) == (409, "trip.move-refused")
    assert CheckIn.objects.get().withdrawn_at is None


def test_nobody_else_takes_it_back(pocket: Pocket, trip: Trip, mallory: Person) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    pocket.send(envelope)

    (answer,) = (
        Pocket(Phone.of(mallory), pocket.clock)
        .send({"withdraws": envelope["id"]})
        .json()["answers"]
    )
    assert answer["status"] == 404
    assert CheckIn.objects.get().withdrawn_at is None


def test_who_is_not_signed_in_sends_nothing(pocket: Pocket, trip: Trip) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    pocket.phone.api.logout()

    assert pocket.send(envelope).status_code == 401
    assert not CheckIn.objects.exists()


def test_an_outbox_is_emptied_for_who_is_signed_in_and_nobody_else(
    pocket: Pocket, trip: Trip, bora: Person
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    body = {"envelopes": [envelope]}

    other = pocket.phone.api.post(BATCHES, body | {"person": str(bora.uid)}, format="json")
    assert (other.status_code, other.json()["code"]) == (401, "session.over")
    assert CheckIn.objects.count() == 0

    own = pocket.phone.api.post(
        BATCHES, body | {"person": str(pocket.phone.person.uid)}, format="json"
    )
    assert own.json()["answers"][0]["status"] == 201
