from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from rest_framework.test import APIClient

from accounts.devices import APPROVAL, approval_hash
from accounts.models import Device, Person
from accounts.passkeys import b64, unb64
from accounts.services.approve_device import approve_device
from accounts.services.enrol_device import enrol_device
from accounts.step_up import Answer
from attest.errors import StepUpRefused
from ledger.models import Outbox
from tests.authenticator import SoftAuthenticator
from tests.conftest import NOON, phone_of


def enrol(phone: APIClient, key: SoftAuthenticator, **said: Any) -> Any:
    options = phone.post("/api/v1/devices/options").json()
    body = {"name": "내 휴대전화", **key.register(unb64(options["challenge"])), **said}
    return phone.post("/api/v1/devices", body, format="json")


def test_the_first_passkey_is_live_at_once_and_leaves_a_leaf(ada: Person) -> None:
    answer = enrol(phone_of(ada), SoftAuthenticator(ada))

    assert answer.status_code == 201
    assert answer.json()["state"] == "live"
    assert Authenticator.objects.get().user == ada
    (leaf,) = Outbox.objects.all()
    said = json.loads(bytes(leaf.entry))
    assert (said["t"], said["what"], said["name"]) == ("config-change", "device", "enrolled")


def test_who_and_which_device_stand_nowhere_in_the_leaf(ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol(now=NOON)

    entry = bytes(Outbox.objects.get().entry)
    assert ada.ref.encode() not in entry
    assert bytes(key.device.digest).hex().encode() not in entry


def test_the_digest_is_the_one_tokens_carry(ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol()

    assert bytes(key.device.public_key) == key.public_key
    assert len(bytes(key.device.digest)) == 12


def test_a_further_passkey_waits_until_the_older_one_says_yes(ada: Person) -> None:
    old = SoftAuthenticator(ada).enrol(now=NOON)
    new = SoftAuthenticator(ada).enrol(now=NOON)
    device = new.device
    said = old.step_up(action=APPROVAL, batch_hash=approval_hash(device), now=NOON)

    assert device.state == Device.State.WAITING
    approve_device(device, by=ada, answer=Answer.read(said), now=NOON)
    assert new.device.state == Device.State.LIVE


def test_a_waiting_passkey_cannot_let_itself_in(ada: Person) -> None:
    SoftAuthenticator(ada).enrol(now=NOON)
    new = SoftAuthenticator(ada).enrol(now=NOON)
    said = new.step_up(action=APPROVAL, batch_hash=approval_hash(new.device), now=NOON)

    with pytest.raises(StepUpRefused):
        approve_device(new.device, by=ada, answer=Answer.read(said), now=NOON)


def test_a_yes_to_one_device_lets_no_other_in(ada: Person) -> None:
    old = SoftAuthenticator(ada).enrol()
    one, other = SoftAuthenticator(ada).enrol(), SoftAuthenticator(ada).enrol()
    said = old.step_up(action=APPROVAL, batch_hash=approval_hash(one.device))

    body = {"step_up": said}
    where = f"/api/v1/devices/{other.device.uid}/approval"
    answer = phone_of(ada).post(where, body, format="json")
    assert answer.status_code == 409
    assert other.device.state == Device.State.WAITING


def test_the_question_of_enrolment_is_answered_once(ada: Person) -> None:
    phone, key = phone_of(ada), SoftAuthenticator(ada)
    options = phone.post("/api/v1/devices/options").json()
    challenge = unb64(options["challenge"])

    body = {"name": "a", **key.register(challenge)}
    assert phone.post("/api/v1/devices", body, format="json").status_code == 201
    body = {"name": "b", **SoftAuthenticator(ada).register(challenge)}
    assert phone.post("/api/v1/devices", body, format="json").status_code == 403


def test_the_options_ask_for_a_discoverable_verified_passkey(ada: Person) -> None:
    known = SoftAuthenticator(ada).enrol()

    said = phone_of(ada).post("/api/v1/devices/options").json()
    assert said["authenticatorSelection"] == {
        "residentKey": "required",
        "userVerification": "required",
    }
    assert said["user"]["id"] == b64(ada.uid.bytes)
    assert [c["id"] for c in said["excludeCredentials"]] == [b64(known.credential_id)]


def test_a_passkey_for_another_question_is_refused(ada: Person) -> None:
    other = SoftAuthenticator(ada).register(bytes(32))

    assert enrol(phone_of(ada), SoftAuthenticator(ada), **other).status_code == 400
    assert not Device.objects.exists()


def test_a_passkey_of_hers_cannot_be_enrolled_for_another(ada: Person, mallory: Person) -> None:
    key = SoftAuthenticator(ada).enrol()

    assert enrol(phone_of(mallory), key).status_code == 400


def test_a_key_in_software_signs_but_is_not_asked_for_at_the_door(ada: Person) -> None:
    key = SoftAuthenticator(ada)
    enrol_device(ada, registration=key.bare(), name="시연", now=NOON)

    assert key.device.state == Device.State.LIVE
    assert not Authenticator.objects.exists()


def test_she_removes_her_device_and_removing_it_again_changes_nothing(ada: Person) -> None:
    key, phone = SoftAuthenticator(ada).enrol(), phone_of(ada)
    where = f"/api/v1/devices/{key.device.uid}/revocation"

    first, again = phone.post(where), phone.post(where)

    assert first.json() == again.json()
    assert first.json()["state"] == "revoked"
    assert Outbox.objects.count() == 2


def test_an_administrator_removes_a_lost_device(ada: Person, olga: Person) -> None:
    key = SoftAuthenticator(ada).enrol()

    answer = phone_of(olga).post(f"/api/v1/devices/{key.device.uid}/revocation")
    assert answer.status_code == 200
    assert key.device.state == Device.State.REVOKED


@pytest.mark.parametrize("deed", ["revocation", "approval"])
def test_mallory_finds_no_device_of_hers(ada: Person, mallory: Person, deed: str) -> None:
    SoftAuthenticator(ada).enrol()
    key = SoftAuthenticator(ada).enrol()
    body = {"step_up": {"id": "x"}}

    answer = phone_of(mallory).post(f"/api/v1/devices/{key.device.uid}/{deed}", body, format="json")
    assert answer.status_code == 404
    assert phone_of(mallory).get("/api/v1/devices").json() == []
    assert key.device.state == Device.State.WAITING
