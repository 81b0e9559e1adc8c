"""A touch without a line: when it was made, what it is weighed at, and what spoils it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from accounts.passkeys import unb64
from attest.claims import Claims
from attest.log.leaf import time_text
from attest.token import open_token
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import line_of
from tests.trips.offline import Pocket, browser_of, reasons, weighed
from tests.trips.touches import CHECK_INS, Phone, codes
from trips.models import CheckIn, Trip
from trips.services.withdraw import withdraw
from vault import keyring

SEOUL = (375_665_000, 1_269_780_000)
HOUR = timedelta(hours=1)


# --- when ------------------------------------------------------------------------------------


@pytest.mark.parametrize("off_s", [0, 10_800, -86_400, 31_536_000])
def test_it_was_made_when_the_phone_says_less_what_its_clock_is_off(
    off_s: int, pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.off_s = off_s
    pocket.stock(trip)
    pressed = clock.later(hours=1)
    envelope = pocket.press(trip)
    received = clock.later(hours=3)

    touch = pocket.kept_touch(envelope)

    assert (touch.earliest_at, touch.claimed_at, touch.recorded_at) == (NOON, pressed, received)
    assert touch.offset_ms == off_s * 1000
    assert weighed(touch)["delivery"] == {
        "mode": "offline",
        "delay_s": 3 * 3_600,
        "clock_skew_s": off_s,
        "inside_bounds": True,
    }


def test_the_answer_says_between_what(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    clock.later(hours=1)
    envelope = pocket.press(trip)
    clock.later(hours=3)
    (answer,) = pocket.sent(envelope)

    times = [
        datetime.fromisoformat(answer[n]) for n in ("earliest_at", "claimed_at", "recorded_at")
    ]
    assert times == [NOON, NOON + HOUR, NOON + 4 * HOUR]
    assert answer["verdict"] == "SUFFICIENT"


def test_a_touch_with_a_line_has_no_bounds(phone: Phone, trip: Trip) -> None:
    answer = phone.touch(trip).json()

    assert (answer["earliest_at"], answer["claimed_at"]) == (None, None)
    assert weighed(CheckIn.objects.get())["delivery"]["mode"] == "online"


def test_where_the_monotonic_clock_ran_on_the_earlier_bound_is_close(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    pressed = clock.later(hours=2)
    envelope = pocket.press(trip, mono_ms=pocket.mono_ms())
    clock.later(hours=5)

    touch = pocket.kept_touch(envelope)
    assert touch.earliest_at == touch.claimed_at == pressed


@pytest.mark.parametrize(
    ("moved_s", "found"), [(-3_660, "NOON"), (-3_661, ""), (3_660, "receipt"), (3_661, "")]
)
def test_a_clock_that_was_set_meanwhile_is_believed_for_a_minute_beyond_the_bounds(
    moved_s: int, found: str, pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    clock.later(hours=1)
    pocket.off_s = moved_s
    envelope = pocket.press(trip)
    pocket.off_s = 0
    clock.later(hours=1)

    touch = pocket.kept_touch(envelope)
    assert touch.claimed_at == {"NOON": NOON, "receipt": touch.recorded_at}.get(found)
    assert weighed(touch)["delivery"]["inside_bounds"] is bool(found)
    assert touch.earliest_at == NOON


def test_outside_the_bounds_they_are_all_that_is_known_and_no_clock_makes_it_invalid(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    clock.later(hours=1)
    pocket.off_s = -40 * 365 * 86_400  # a battery that was empty
    envelope = pocket.press(trip)
    pocket.off_s = 0
    clock.later(hours=2)

    touch = pocket.kept_touch(envelope)
    answer = pocket.phone.api.get(f"{CHECK_INS}/{touch.uid}").json()
    assert answer["verdict"] != "INVALID"
    assert "time.outside-bounds" in reasons(answer)
    assert not {"flow.late-24h", "flow.late-72h"} & reasons(answer)
    assert (answer["claimed_at"], touch.made_at) == (None, touch.recorded_at)


def test_a_monotonic_clock_that_ran_longer_than_there_was_time_is_believed_in_nothing(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    clock.later(hours=1)
    envelope = pocket.press(trip, mono_ms=2 * 3_600_000)
    clock.later(seconds=60)

    touch = pocket.kept_touch(envelope)
    assert (touch.earliest_at, touch.claimed_at) == (NOON, None)


def test_without_a_word_about_its_clock_as_it_sent_the_phones_time_is_taken_as_it_stands(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    pressed = clock.later(hours=1)
    envelope = pocket.press(trip)
    clock.later(hours=1)
    pocket.phone.sign_in()

    pocket.phone.send(envelope)
    assert CheckIn.objects.get().claimed_at == pressed


# --- the beacon --------------------------------------------------------------------------------


def flipped(text: str) -> str:
    return text[:40] + ("A" if text[40] != "A" else "B") + text[41:]


def written_by_somebody_else(text: str) -> str:
    said = json.loads(unb64(text.partition(".")[0])) | {"issued_ms": 0}
    raw = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=") + "." + text.partition(".")[2]


@pytest.mark.parametrize(
    "spoil", [flipped, written_by_somebody_else, lambda _: "x", lambda _: None]
)
def test_a_beacon_that_is_none_costs_no_touch_and_widens_no_bound(
    spoil: Any, pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    pressed = clock.later(hours=1)
    envelope = pocket.press(trip, mono_ms=3_600_000)
    clock.later(hours=1)

    touch = pocket.kept_touch(envelope | {"beacon": spoil(envelope["beacon"])})
    assert (touch.earliest_at, touch.claimed_at) == (NOON, pressed)


def test_a_later_beacon_bounds_closer(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    lit = clock.later(hours=1)
    pocket.stock(trip)
    clock.later(hours=1)
    envelope = pocket.press(trip)
    clock.later(hours=1)

    assert pocket.kept_touch(envelope).earliest_at == lit


def test_a_beacon_of_other_challenges_says_nothing_about_this_one(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    asked = pocket.kept[0]
    clock.later(hours=1)
    pocket.stock(None)
    envelope = pocket.press(trip, asked=asked)

    assert pocket.kept_touch(envelope).earliest_at == NOON


def test_a_beacon_of_another_phone_says_nothing(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    browser = browser_of(pocket.phone, clock)
    pocket.stock(trip)
    asked = pocket.kept[0]
    clock.later(hours=1)
    pocket.device = browser.device
    pocket.stock(trip)

    assert pocket.kept_touch(pocket.press(trip, asked=asked)).earliest_at == NOON


# --- the age of the challenge -------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "found"), [(0, set()), (1, {"integrity.challenge-expired"})])
def test_a_held_one_is_as_old_as_it_was_when_it_was_answered(
    seconds: int, found: set[str], pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    clock.later(seconds=pocket.kept[0]["life_s"] + seconds)
    envelope = pocket.press(trip)
    clock.later(days=3)

    (answer,) = pocket.sent(envelope)
    assert {code for code in reasons(answer) if code.startswith("integrity")} == found


def test_a_live_one_whose_line_went_counts_as_it_was_pressed(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip, 1, held=False)
    pressed = clock.later(seconds=5)
    envelope = pocket.press(trip)
    clock.later(hours=2)

    touch = pocket.kept_touch(envelope)
    assert (touch.claimed_at, weighed(touch)["challenge"]["age_s"]) == (pressed, 5)


def test_a_live_one_answered_too_late_is_too_old_with_or_without_its_beacon(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip, 1, held=False)
    clock.later(seconds=700)

    (answer,) = pocket.sent(pocket.press(trip))
    assert reasons(answer) == {"integrity.challenge-expired"}


def test_sent_at_once_it_is_a_touch_with_a_line_whatever_goes_along(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip, 1, held=False)
    clock.later(seconds=600)

    touch = pocket.kept_touch(pocket.press(trip))
    assert touch.earliest_at is None


# --- late -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (24, set()),
        (24.001, {"flow.late-24h"}),
        (72, {"flow.late-24h"}),
        (72.001, {"flow.late-72h"}),
        (24 * 80, {"flow.late-72h"}),
    ],
)
def test_a_late_one_is_taken_and_says_how_late(
    hours: float, found: set[str], pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    clock.later(minutes=5)
    envelope = pocket.press(trip)
    clock.later(hours=hours)

    (answer,) = pocket.sent(envelope)
    assert {code for code in reasons(answer) if code.startswith("flow.late")} == found
    assert answer["verdict"] != "INVALID"


# --- what stays ------------------------------------------------------------------------------


def test_token_and_log_say_that_it_was_sent_late(pocket: Pocket, trip: Trip, clock: Clock) -> None:
    pocket.stock(trip)
    clock.later(hours=1)
    envelope = pocket.press(trip, by=browser_of(pocket.phone, clock))
    received = clock.later(hours=1)
    touch = pocket.kept_touch(envelope)

    box = touch.box("token")
    assert box is not None
    claims = open_token(box.open(), opener=keyring.opener(), now=int(received.timestamp())).claims
    assert isinstance(claims, Claims)
    assert (claims.flags, claims.iat) == (1 | 8, int(received.timestamp()))
    assert line_of(trip.log_id)[-1]["at"] == time_text(received)


@pytest.mark.parametrize(
    ("off_s", "words"),
    [
        (0, "between 12:00 and 14:00, by the phone at 13:00"),
        (-86_400, "between 12:00 and 14:00"),
    ],
)
def test_pages_say_between_what_it_was_made(
    off_s: int, words: str, pocket: Pocket, trip: Trip, iris: Person, clock: Clock
) -> None:
    pocket.stock(trip)
    clock.later(hours=1)
    pocket.off_s = off_s
    envelope = pocket.press(trip)
    pocket.off_s = 0
    clock.later(hours=1)
    pocket.sent(envelope)

    said = f"Made without a line {words}<"
    for visitor, page in [
        (pocket.phone.api, f"/trips/{trip.uid}/"),
        (pocket.phone.api, f"/trips/{trip.uid}/receipt/"),
        (phone_of(iris), f"/audit/trips/{trip.uid}/"),
    ]:
        shown = visitor.get(page, headers={"accept-language": "en"}).content.decode()
        assert said in shown, page


def test_pages_say_nothing_of_the_kind_about_a_touch_with_a_line(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)

    page = phone.api.get(f"/trips/{trip.uid}/", headers={"accept-language": "en"})
    assert "without a line" not in page.content.decode()


def test_taken_back_counts_from_receipt(
    pocket: Pocket, trip: Trip, ada: Person, clock: Clock
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    clock.later(hours=9)
    touch = pocket.kept_touch(envelope)

    assert withdraw(touch, person=ada, now=clock.later(seconds=15)).withdrawn_at == clock()


def test_its_traveller_alone_reads_its_times(
    pocket: Pocket, trip: Trip, mallory: Person, site: Place
) -> None:
    pocket.stock(trip)
    touch = pocket.kept_touch(pocket.press(trip))

    assert phone_of(mallory).get(f"{CHECK_INS}/{touch.uid}").status_code == 404


def test_the_same_id_with_another_body_is_refused_whenever_it_comes(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip)
    pocket.sent(envelope)
    clock.later(hours=30)
    pocket.phone.sign_in()

    other = pocket.press(trip, "return", id=envelope["id"])
    assert pocket.phone.send(other).status_code == 409
    assert codes(pocket.phone.send(envelope)) == codes(pocket.phone.send(envelope))
