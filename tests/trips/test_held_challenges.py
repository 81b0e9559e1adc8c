"""What a phone may keep for when it has no line: how many, for how long, for which trip."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Person
from accounts.services.revoke_device import revoke_device
from attest import ticket
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.offline import Pocket, browser_of
from tests.trips.touches import CHALLENGES, Phone
from trips.models import Challenge, Trip
from trips.services.hold_challenges import ALTOGETHER
from vault import keyring


@pytest.fixture
def pocket(phone: Phone, clock: Clock) -> Pocket:
    return Pocket(phone, clock)


def test_a_touch_now_needs_one_that_lives_ten_minutes(pocket: Pocket, trip: Trip) -> None:
    answer = pocket.ask(trip, 1, held=False)

    (one,) = answer.json()["challenges"]
    assert (answer.status_code, one["life_s"]) == (201, 600)
    assert not Challenge.objects.get().held


@pytest.mark.parametrize("count", [6, 0, -1])
def test_a_count_that_is_none_is_refused(count: int, pocket: Pocket, trip: Trip) -> None:
    assert pocket.ask(trip, count).status_code == 400
    assert not Challenge.objects.exists()


def test_nobody_needs_two_for_a_touch_now(pocket: Pocket, trip: Trip) -> None:
    assert pocket.ask(trip, 2, held=False).status_code == 400
    assert not Challenge.objects.exists()


def test_a_phone_holds_five_for_a_trip_until_a_day_after_it(pocket: Pocket, trip: Trip) -> None:
    kept = pocket.ask(trip).json()["challenges"]

    assert len({one["nonce"] for one in kept}) == 5
    assert {one["life_s"] for one in kept} == {int((4.5 + 24) * 3_600)}


def test_it_holds_them_a_week_at_most(pocket: Pocket, trip: Trip) -> None:
    trip.ends_at = NOON + timedelta(days=30)
    trip.save()

    assert {one["life_s"] for one in pocket.ask(trip).json()["challenges"]} == {604_800}


@pytest.mark.parametrize(("seconds", "count"), [(1, 5), (0, 0), (-3_600, 0)])
def test_for_a_trip_that_is_over_for_a_day_there_are_none(
    seconds: int, count: int, pocket: Pocket, trip: Trip
) -> None:
    trip.starts_at = NOON - timedelta(days=3)
    trip.ends_at = NOON - timedelta(days=1) + timedelta(seconds=seconds)
    trip.save()

    assert len(pocket.ask(trip).json()["challenges"]) == count


def test_asked_again_it_is_given_the_same_ones(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    first = pocket.ask(trip).json()
    clock.later(minutes=5)
    again = pocket.ask(trip).json()

    assert again["challenges"] == first["challenges"]
    assert again["beacon"] != first["beacon"]
    assert Challenge.objects.count() == 5


def test_one_that_was_used_makes_room_for_one(pocket: Pocket, trip: Trip) -> None:
    pocket.stock(trip)
    before = [one["id"] for one in pocket.kept]
    pocket.sent(pocket.press(trip))
    after = [one["id"] for one in pocket.ask(trip).json()["challenges"]]

    assert after[:4] == before[1:]
    assert len(set(after) - set(before)) == 1


def test_one_that_ended_makes_room_for_one(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    before = {one["id"] for one in pocket.ask(trip).json()["challenges"]}
    trip.ends_at = NOON + timedelta(days=5)
    trip.save()
    clock.later(hours=29)
    pocket.phone.sign_in()

    after = {one["id"] for one in pocket.ask(trip).json()["challenges"]}
    assert len(after) == 5
    assert not after & before


def test_for_a_touch_without_order_a_phone_holds_two(pocket: Pocket) -> None:
    kept = pocket.ask(None).json()["challenges"]

    assert [one["life_s"] for one in kept] == [604_800] * 2


def test_every_phone_of_a_person_has_its_own(pocket: Pocket, trip: Trip) -> None:
    first = pocket.ask(trip).json()["challenges"]
    pocket.device = browser_of(pocket.phone, pocket.clock).device
    second = pocket.ask(trip).json()["challenges"]

    assert not {one["id"] for one in first} & {one["id"] for one in second}
    assert Challenge.objects.filter(device=pocket.device).count() == 5


@pytest.mark.parametrize("name", ["mallory", "felix"])
def test_nobody_holds_challenges_for_a_device_of_hers(
    name: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    theirs = Phone.of(request.getfixturevalue(name))
    body = {"trip": None, "held": True, "device": str(phone.key.device.uid)}

    assert theirs.api.post(CHALLENGES, body, format="json").status_code == 404
    assert not Challenge.objects.exists()


def test_a_device_that_signs_nothing_any_more_holds_nothing(
    pocket: Pocket, trip: Trip, ada: Person
) -> None:
    pocket.device = browser_of(pocket.phone, pocket.clock).device
    revoke_device(pocket.device, by=ada, now=NOON)

    assert pocket.ask(trip).status_code == 404


def test_a_device_that_is_nobodys_is_404(pocket: Pocket, trip: Trip) -> None:
    pocket.device = pocket.phone.key.device
    pocket.device.uid = uuid4()

    assert pocket.ask(trip).status_code == 404


@pytest.mark.parametrize("device", ["", "hers"])
def test_the_beacon_says_for_which_device_since_when_and_which(
    device: str, pocket: Pocket, trip: Trip
) -> None:
    pocket.device = pocket.phone.key.device if device else None
    said = pocket.ask(trip, 2).json()

    told = ticket.read(
        said["beacon"], purpose="beacon", keys=[keyring.ticket_key()], at=int(NOON.timestamp())
    )
    assert told == {
        "v": 1,
        "purpose": "beacon",
        "device": str(pocket.device.uid) if pocket.device else None,
        "issued_ms": int(NOON.timestamp() * 1000),
        "challenge_ids": [one["id"] for one in said["challenges"]],
    }


def test_another_browser_of_hers_holds_others(
    pocket: Pocket, phone: Phone, trip: Trip, clock: Clock
) -> None:
    """With a passkey alone they were the same once, and the second touch a replay."""
    here = {one["id"] for one in pocket.ask(trip).json()["challenges"]}
    other = Pocket(Phone(phone.person, phone.key, phone_of(phone.person)), clock)
    there = {one["id"] for one in other.ask(trip).json()["challenges"]}

    assert len(here) == len(there) == 5
    assert not here & there


def test_who_keeps_no_cookie_holds_no_more_than_four_browsers_and_is_never_left_without(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    seen: set[str] = set()
    for _ in range(8):
        stranger = Pocket(Phone(phone.person, phone.key, phone_of(phone.person)), clock)
        asked = stranger.ask(trip).json()["challenges"]
        assert len(asked) == 5
        seen |= {one["id"] for one in asked}

    assert len(seen) == Challenge.objects.count() == ALTOGETHER
