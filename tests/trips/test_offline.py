"""A touch without a line: when it was made, what it is weighed at, and what spoils it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Device, Person, Place
from accounts.passkeys import unb64
from accounts.services.revoke_device import revoke_device
from attest.claims import Claims
from attest.log.leaf import time_text
from attest.record import canonical
from attest.token import open_token
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.device_key import SoftDeviceKey
from tests.trips.log import line_of, types
from tests.trips.offline import Pocket, browser_of, reasons
from tests.trips.stages import Stages
from tests.trips.touches import CHECK_INS, Phone, codes, facts_in, fixes_of
from trips.claim import claim_of
from trips.models import CheckIn, State, Trip
from trips.services.withdraw import withdraw
from trips.showing import with_all
from vault import keyring

SEOUL = (375_665_000, 1_269_780_000)
HOUR = timedelta(hours=1)


@pytest.fixture
def pocket(phone: Phone, clock: Clock) -> Pocket:
    return Pocket(phone, clock)


def weighed(touch: CheckIn) -> dict[str, Any]:
    """The facts it was weighed by last."""
    return facts_in(list(touch.assessments.all())[-1])


def long_trip(trip: Trip) -> Trip:
    trip.ends_at = NOON + timedelta(days=6)
    trip.save()
    return trip


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


# --- what spoils it ------------------------------------------------------------------------------


def integrity(pocket: Pocket, envelope: dict[str, Any]) -> set[str]:
    """What its owner reads; the record is kept all the same."""
    (answer,) = pocket.sent(envelope)
    said = {reason["code"]: reason for reason in answer["reasons"]}
    assert answer["verdict"] == "INVALID"
    assert all(reason["why_ko"] and reason["why_en"] for reason in said.values())
    assert CheckIn.objects.filter(uid=answer["id"]).exists()
    return set(said)


@pytest.mark.parametrize("signer", ["passkey", "device key"])
def test_one_byte_of_a_queued_record_changed_and_it_is_no_evidence(
    signer: str, pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    by = pocket.phone.key if signer == "passkey" else browser_of(pocket.phone, clock)
    pocket.stock(trip)
    envelope = pocket.press(trip, by=by)
    at_ms = json.loads(envelope["record"])["at_ms"]
    changed = canonical(json.loads(envelope["record"]) | {"at_ms": at_ms - 1})

    assert integrity(pocket, envelope | {"record": changed}) == {"integrity.signature"}


@pytest.mark.parametrize("at", [0, 20, 43, 63, 84])
def test_one_letter_of_a_device_keys_signature_changed_and_it_is_no_evidence(
    at: int, pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip, by=browser_of(pocket.phone, clock))
    letters = envelope["proof"]["signature"]
    changed = letters[:at] + ("A" if letters[at] != "A" else "B") + letters[at + 1 :]
    envelope["proof"] |= {"signature": changed}

    assert integrity(pocket, envelope) == {"integrity.signature"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "AAAA"},
        {"signature": "A" * 87},
        {"key_id": "AAAA"},
        {"key_id": 1},
        {"extra": "AAAA"},
        {"signature": ""},
    ],
    ids=str,
)
def test_a_proof_of_another_shape_is_refused(
    wrong: dict[str, Any], pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    envelope = pocket.press(trip, by=browser_of(pocket.phone, clock))
    envelope["proof"] |= wrong

    (answer,) = pocket.send(envelope).json()["answers"]
    assert (answer["status"], answer["refusal"]["code"]) == (400, "record.malformed")
    assert not CheckIn.objects.exists()


def test_somebody_elses_browser_signs_nothing_for_her(
    pocket: Pocket, trip: Trip, mallory: Person, clock: Clock
) -> None:
    theirs = browser_of(Phone.of(mallory), clock)
    pocket.stock(trip)

    assert integrity(pocket, pocket.press(trip, by=theirs)) == {"integrity.signature"}


def test_a_challenge_held_for_another_trip_is_foreign(
    pocket: Pocket, trip: Trip, stages: Stages, clock: Clock
) -> None:
    pocket.stock(stages[State.APPROVED]())

    assert integrity(pocket, pocket.press(trip)) == {"integrity.challenge-foreign"}


def test_a_challenge_held_by_another_person_is_foreign_and_stays_theirs(
    pocket: Pocket, trip: Trip, mallory: Person, clock: Clock
) -> None:
    theirs = Pocket(Phone.of(mallory), clock)
    theirs.stock(None, 1)
    pocket.beacon = theirs.beacon

    envelope = pocket.press(trip, asked=theirs.kept[0])
    assert integrity(pocket, envelope) == {"integrity.challenge-foreign"}
    (answer,) = theirs.sent(theirs.press(None, fixes=fixes_of(352_600_000)))
    assert answer["verdict"] != "INVALID"


def test_a_challenge_held_for_one_browser_is_foreign_to_another_and_stays_its_own(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    mine, other = browser_of(pocket.phone, clock), browser_of(pocket.phone, clock)
    pocket.device = mine.device
    pocket.stock(trip, 1)
    asked = pocket.kept[0]

    assert integrity(pocket, pocket.press(trip, asked=asked, by=other)) == {
        "integrity.challenge-foreign"
    }
    (answer,) = pocket.sent(pocket.press(trip, asked=asked, by=mine, fixes=fixes_of(352_541_337)))
    assert "who.device-key" in reasons(answer)


def test_a_passkey_answers_for_the_key_of_its_browser_and_not_the_other_way_round(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    browser = browser_of(pocket.phone, clock)
    pocket.device = browser.device
    pocket.stock(trip, 1)
    assert "who.passkey-bound" in reasons(pocket.sent(pocket.press(trip))[0])

    pocket.device = pocket.phone.key.device
    pocket.stock(trip, 1)
    assert integrity(pocket, pocket.press(trip, by=browser)) == {"integrity.challenge-foreign"}


def test_a_held_challenge_answers_once(pocket: Pocket, trip: Trip) -> None:
    pocket.stock(trip)
    asked = pocket.kept[0]
    pocket.sent(pocket.press(trip, asked=asked))

    again = pocket.press(trip, asked=asked, fixes=fixes_of(352_541_337))
    assert integrity(pocket, again) == {"integrity.challenge-reused"}


def test_a_key_revoked_later_spoils_nothing_it_signed_before(
    pocket: Pocket, trip: Trip, ada: Person, clock: Clock
) -> None:
    browser = browser_of(pocket.phone, clock)
    pocket.stock(trip)
    clock.later(hours=1)
    before = pocket.press(trip, by=browser)
    revoke_device(browser.device, by=ada, now=clock.later(seconds=1))
    clock.later(seconds=1)
    after = pocket.press(trip, "stop", by=browser)
    clock.later(hours=1)

    good, bad = pocket.sent(before, after)
    assert good["verdict"] != "INVALID"
    assert reasons(bad) == {"integrity.device-revoked"}


def test_a_key_that_retired_later_spoils_nothing_it_signed_before(
    pocket: Pocket, trip: Trip, ada: Person, clock: Clock
) -> None:
    old = browser_of(pocket.phone, clock)
    pocket.stock(trip)
    clock.later(hours=1)
    before = pocket.press(trip, by=old)
    SoftDeviceKey(ada).enrol(now=clock.later(seconds=1), replaces=old.device)
    after = pocket.press(trip, "stop", by=old)
    clock.later(hours=1)

    good, bad = pocket.sent(before, after)
    assert good["verdict"] != "INVALID"
    assert reasons(bad) == {"integrity.device-revoked"}


def test_where_only_bounds_are_known_a_revoked_key_is_judged_by_receipt(
    pocket: Pocket, trip: Trip, ada: Person, clock: Clock
) -> None:
    browser = browser_of(pocket.phone, clock)
    pocket.stock(trip)
    pocket.off_s = -86_400
    envelope = pocket.press(trip, by=browser)
    pocket.off_s = 0
    revoke_device(browser.device, by=ada, now=clock.later(hours=1))

    assert integrity(pocket, envelope) == {"integrity.device-revoked"}


def test_a_key_that_waits_signs_nothing_until_it_is_let_in(
    pocket: Pocket, trip: Trip, ada: Person, clock: Clock
) -> None:
    browser = browser_of(pocket.phone, clock)
    Device.objects.filter(pk=browser.device.pk).update(state="waiting")
    pocket.stock(trip)
    first, second = (
        pocket.press(trip, kind, by=browser, fixes=fixes_of(352_537_519 + 900 * number))
        for number, kind in enumerate(("arrive", "stop"))
    )

    assert integrity(pocket, first) == {"integrity.signature"}
    Device.objects.filter(pk=browser.device.pk).update(state="live")
    assert pocket.sent(second)[0]["verdict"] != "INVALID"


def test_a_device_key_never_counts_more_than_a_passkey(
    pocket: Pocket, trip: Trip, clock: Clock
) -> None:
    pocket.stock(trip)
    (answer,) = pocket.sent(pocket.press(trip, by=browser_of(pocket.phone, clock)))

    points = {reason["code"]: reason["points"] for reason in answer["reasons"]}
    assert points["who.device-key"] == 12
    assert CheckIn.objects.get().signer == "device_key"


# --- the trip meanwhile -----------------------------------------------------------------------


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


# --- beside other touches -----------------------------------------------------------------------


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
