"""Two tabs, one queue: what a phone asks and sends at the same moment counts once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Device, Person
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.device_key import SoftDeviceKey
from tests.trips.offline import BATCHES, Pocket
from tests.trips.test_at_once import PRESSES, all_at_once
from tests.trips.touches import CHALLENGES, Phone, fixes_of
from trips.models import Assessment, Challenge, CheckIn, State, Trip
from trips.services.hold_challenges import ALTOGETHER

pytestmark = pytest.mark.django_db(transaction=True)


def posting(
    person: Person, path: str, body: dict[str, Any], *, browser: str = ""
) -> Callable[[], Any]:
    door = phone_of(person)
    door.cookies[settings.BROWSER_COOKIE_NAME] = browser
    return lambda: door.post(path, body, format="json")


def test_who_asks_eight_times_at_once_holds_five(phone: Phone, trip: Trip) -> None:
    body = {"trip": str(trip.uid), "count": 5, "held": True}

    asking = [posting(phone.person, CHALLENGES, body, browser="b" * 22) for _ in range(PRESSES)]
    answers = all_at_once(asking)

    given = {tuple(one["id"] for one in answer.json()["challenges"]) for answer in answers}
    assert len(given) == 1
    assert Challenge.objects.count() == 5


def test_eight_browsers_that_ask_at_once_hold_no_more_than_a_trip_may(
    phone: Phone, trip: Trip
) -> None:
    body = {"trip": str(trip.uid), "count": 5, "held": True}

    all_at_once([posting(phone.person, CHALLENGES, body) for _ in range(PRESSES)])

    assert Challenge.objects.count() == ALTOGETHER


def test_a_queue_that_two_tabs_send_at_once_is_recorded_once(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    pocket = Pocket(phone, clock)
    pocket.stock(trip)
    queue = [pocket.press(trip)]
    clock.later(hours=1)
    queue.append(pocket.press(trip, "return", fixes=fixes_of(352_541_337)))
    sending = [posting(phone.person, BATCHES, {"envelopes": queue}) for _ in range(PRESSES)]

    answers = all_at_once(sending)

    assert {answer.status_code for answer in answers} == {200}
    statuses = [[one["status"] for one in answer.json()["answers"]] for answer in answers]
    assert [sorted(each) for each in zip(*statuses, strict=True)] == [[200] * 7 + [201]] * 2
    assert CheckIn.objects.count() == 2
    assert not Assessment.objects.filter(verdict="INVALID").exists()
    trip.refresh_from_db()
    assert trip.state == State.RETURNED


def test_one_held_challenge_answered_eight_times_at_once_is_answered_once(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    pocket = Pocket(phone, clock)
    pocket.stock(trip)
    asked = pocket.kept[0]
    queue = [
        pocket.press(trip, asked=asked, fixes=fixes_of(352_537_519 + 1_000 * number))
        for number in range(PRESSES)
    ]

    all_at_once([posting(phone.person, BATCHES, {"envelopes": [one]}) for one in queue])

    verdicts = list(Assessment.objects.values_list("verdict", flat=True))
    assert (len(verdicts), verdicts.count("INVALID")) == (PRESSES, PRESSES - 1)


def test_of_two_first_keys_enrolled_at_once_one_is_live(ada: Person, clock: Clock) -> None:
    keys = [SoftDeviceKey(ada) for _ in range(PRESSES)]

    def enrolling(key: SoftDeviceKey) -> Callable[[], Any]:
        return lambda: key.enrol(now=NOON, signed_in_by="password")

    all_at_once([enrolling(key) for key in keys])

    states = list(Device.objects.values_list("state", flat=True))
    assert (len(states), states.count("live")) == (PRESSES, 1)
