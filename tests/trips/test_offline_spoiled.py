"""What spoils a touch that waited: a changed byte, another key, a used question."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Device, Person
from accounts.services.revoke_device import revoke_device
from attest.record import canonical
from tests.clock import Clock
from tests.device_key import SoftDeviceKey
from tests.trips.offline import Pocket, browser_of, reasons
from tests.trips.stages import Stages
from tests.trips.touches import Phone, fixes_of
from trips.models import CheckIn, State, Trip

SEOUL = (375_665_000, 1_269_780_000)
HOUR = timedelta(hours=1)


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
