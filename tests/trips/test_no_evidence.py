"""What cannot be evidence is kept and shown, with its reason."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Person, Place
from accounts.services.revoke_device import revoke_device
from attest.record import canonical
from tests.attest.evidence_facts import FILE
from tests.clock import Clock
from tests.conftest import NOON
from tests.trips.touches import (
    Phone,
    codes,
    fixes_of,
    record_of,
    unsigned,
)
from trips.models import Assessment, Challenge, CheckIn, Trip

# Still inside the site, eight hundred steps away.
ELSEWHERE_E7 = 352_541_337


@pytest.fixture
def other_trip(ada: Person, bora: Person, site: Place) -> Trip:
    return Trip.objects.create(
        number="BT26-900001",
        traveller=ada,
        department=ada.department,
        approver=bora,
        purpose="다른 출장",
        starts_at=NOON + timedelta(days=1),
        ends_at=NOON + timedelta(days=1, hours=1),
        registered_at=NOON,
    )


def test_a_replayed_challenge_is_kept_and_is_no_evidence(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)
    phone.touch(trip, asked=asked)
    answer = phone.touch(trip, asked=asked)

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.challenge-reused"}


def test_a_challenge_of_another_trip_is_foreign(phone: Phone, trip: Trip, other_trip: Trip) -> None:
    answer = phone.touch(trip, asked=phone.ask(other_trip))

    assert answer.status_code == 201
    assert codes(answer) == {"integrity.challenge-foreign"}


def test_a_challenge_of_another_person_is_foreign_and_stays_theirs(
    phone: Phone, trip: Trip, mallory: Person
) -> None:
    theirs = Phone.of(mallory)
    asked = theirs.ask(None)

    assert codes(phone.touch(trip, asked=asked)) == {"integrity.challenge-foreign"}
    assert Challenge.objects.get(uid=asked["id"]).used_at is None
    assert theirs.touch(None, asked=asked, fixes=fixes_of(ELSEWHERE_E7)).json()["support"]


def test_an_unknown_challenge_is_unknown(phone: Phone, trip: Trip) -> None:
    made_up = phone.ask(trip) | {"id": str(uuid4())}

    assert "integrity.challenge-unknown" in codes(phone.touch(trip, asked=made_up))


@pytest.mark.parametrize(
    ("seconds", "found"), [(600, set()), (601, {"integrity.challenge-expired"})]
)
def test_a_challenge_lives_ten_minutes_and_no_second_longer(
    seconds: int, found: set[str], phone: Phone, trip: Trip, clock: Clock
) -> None:
    asked = phone.ask(trip)
    clock.later(seconds=seconds)
    answer = phone.touch(trip, asked=asked)

    assert answer.status_code == 201
    assert {code for code in codes(answer) if code.startswith("integrity")} == found


def test_a_record_changed_after_it_was_signed_is_invalid(phone: Phone, trip: Trip) -> None:
    envelope = phone.envelope(trip)
    changed = canonical(json.loads(envelope["record"]) | {"kind": "return"})
    answer = phone.send(envelope | {"record": changed})

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.signature"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8000.evil.example"},
        {"rp_id": "evil.example"},
        {"kind": "webauthn.create"},
        {"crossOrigin": True},
        {"flags": 0x04},
    ],
    ids=lambda wrong: "-".join(map(str, *wrong.items())),
)
def test_a_signature_made_elsewhere_is_invalid(
    wrong: dict[str, Any], phone: Phone, trip: Trip
) -> None:
    asked = phone.ask(trip)
    answer = phone.send(phone.sealed(record_of(trip, asked), asked, **wrong))

    assert answer.status_code == 201
    assert codes(answer) == {"integrity.signature"}


@pytest.mark.parametrize("name", ["authenticator_data", "client_data", "signature"])
def test_a_flipped_bit_anywhere_in_the_proof_is_never_evidence(
    name: str, phone: Phone, trip: Trip
) -> None:
    envelope = phone.envelope(trip)
    letters = envelope["proof"][name]
    flipped = letters[:-6] + ("A" if letters[-6] != "A" else "B") + letters[-5:]
    answer = phone.send(envelope | {"proof": envelope["proof"] | {name: flipped}})

    assert answer.status_code in {201, 400}
    assert not Assessment.objects.exclude(verdict="INVALID").exists()


def test_a_revoked_passkey_is_kept_with_its_reason(phone: Phone, trip: Trip) -> None:
    revoke_device(phone.key.device, by=phone.person, now=NOON - timedelta(minutes=1))
    answer = phone.touch(trip)

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.device-revoked"}


def test_a_waiting_passkey_signs_nothing_yet(phone: Phone, trip: Trip) -> None:
    second = Phone.of(phone.person)

    assert codes(second.touch(trip)) == {"integrity.signature"}


def test_a_passkey_without_a_finger_weighs_less_and_is_not_refused(
    ada: Person, trip: Trip, clock: Clock
) -> None:
    answer = Phone.of(ada, uv=False).touch(trip)

    points = {reason["code"]: reason["points"] for reason in answer.json()["reasons"]}
    assert answer.status_code == 201
    assert points["who.passkey-unverified"] < FILE["support"]["who.passkey-bound"]["points"]


def test_a_synced_passkey_says_so(ada: Person, trip: Trip, clock: Clock) -> None:
    assert "who.passkey-synced" in codes(Phone.of(ada, synced=True).touch(trip))


def test_a_touch_without_any_passkey_is_kept_unsigned(phone: Phone, trip: Trip) -> None:
    answer = phone.send(unsigned(trip, phone.ask(trip)))

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "SUPPLEMENT"
    assert "who.unsigned" in codes(answer)
    assert CheckIn.objects.get().device is None
