"""A browser's own key: how it comes in, and how a newer one takes its place."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rest_framework.test import APIClient

from accounts.devices import APPROVAL, approval_hash
from accounts.models import Device, Person
from accounts.passkeys import b64, unb64
from ledger.models import Outbox
from tests.authenticator import SoftAuthenticator
from tests.conftest import NOON, phone_of
from tests.device_key import SoftDeviceKey

DEVICES = "/api/v1/devices"


def enrol(phone: APIClient, key: Any, **said: Any) -> Any:
    """As the page does it."""
    options = phone.post(f"{DEVICES}/options").json()
    body = {"name": "내 브라우저", **key.register(unb64(options["challenge"])), **said}
    return phone.post(DEVICES, body, format="json")


def test_the_first_key_of_a_person_is_live_at_once(ada: Person) -> None:
    key = SoftDeviceKey(ada)
    answer = enrol(phone_of(ada), key)

    said = answer.json()
    assert answer.status_code == 201
    assert (said["kind"], said["state"], said["key_id"]) == ("device_key", "live", key.key_id)
    assert unb64(said["key_id"]) == sha256(key.public_key).digest()[:12]
    (leaf,) = Outbox.objects.all()
    assert json.loads(bytes(leaf.entry))["name"] == "enrolled"


def test_after_a_passkey_was_made_in_this_session_it_is_live(ada: Person) -> None:
    phone = phone_of(ada)
    enrol(phone, SoftAuthenticator(ada))

    assert enrol(phone, SoftDeviceKey(ada)).json()["state"] == "live"


def test_where_somebody_came_in_by_password_it_waits(ada: Person) -> None:
    SoftAuthenticator(ada).enrol(now=NOON)
    key = SoftDeviceKey(ada)

    assert enrol(phone_of(ada), key).json()["state"] == "waiting"
    assert not key.device.revoked_at


def test_a_passkey_that_waits_itself_vouches_for_nothing(ada: Person) -> None:
    SoftAuthenticator(ada).enrol(now=NOON)
    phone = phone_of(ada)
    assert enrol(phone, SoftAuthenticator(ada)).json()["state"] == "waiting"

    assert enrol(phone, SoftDeviceKey(ada)).json()["state"] == "waiting"


def test_an_older_passkey_lets_it_in_and_the_key_it_replaces_retires(ada: Person) -> None:
    passkey, old = SoftAuthenticator(ada).enrol(), SoftDeviceKey(ada).enrol(now=NOON)
    new, phone = SoftDeviceKey(ada), phone_of(ada)
    said = enrol(phone, new, replaces=str(old.device.uid)).json()

    assert old.device.state == Device.State.LIVE
    yes = passkey.step_up(action=APPROVAL, batch_hash=approval_hash(new.device))
    answer = phone.post(f"{DEVICES}/{said['id']}/approval", {"step_up": yes}, format="json")

    assert answer.json()["state"] == "live"
    assert old.device.state == Device.State.RETIRED
    assert old.device.revoked_at is not None


def test_a_new_key_of_the_same_browser_retires_the_old_one(ada: Person) -> None:
    phone, old, new = phone_of(ada), SoftDeviceKey(ada), SoftDeviceKey(ada)
    enrol(phone, SoftAuthenticator(ada))
    first = enrol(phone, old).json()

    again = enrol(phone, new, replaces=first["id"]).json()

    assert (again["state"], old.device.state) == ("live", Device.State.RETIRED)
    names = [json.loads(bytes(leaf.entry))["name"] for leaf in Outbox.objects.order_by("pk")]
    assert names == ["enrolled", "enrolled", "enrolled", "retired"]


def test_nobody_replaces_a_key_of_somebody_else(ada: Person, mallory: Person) -> None:
    hers = SoftDeviceKey(ada).enrol(now=NOON)

    answer = enrol(phone_of(mallory), SoftDeviceKey(mallory), replaces=str(hers.device.uid))
    assert answer.status_code == 404
    assert hers.device.state == Device.State.LIVE
    assert Device.objects.count() == 1


def test_a_passkey_is_not_replaced_by_a_browsers_key(ada: Person) -> None:
    passkey = SoftAuthenticator(ada).enrol()

    answer = enrol(phone_of(ada), SoftDeviceKey(ada), replaces=str(passkey.device.uid))
    assert answer.status_code == 404


def test_a_key_enrolled_twice_is_refused(ada: Person, mallory: Person) -> None:
    key = SoftDeviceKey(ada)
    enrol(phone_of(ada), key)

    assert enrol(phone_of(mallory), key).status_code == 400
    assert Device.objects.count() == 1


def test_who_does_not_hold_the_key_cannot_enrol_it(ada: Person, mallory: Person) -> None:
    hers, other = SoftDeviceKey(ada), SoftDeviceKey(mallory)

    answer = enrol(phone_of(mallory), other, public_key=b64(hers.public_key))
    assert answer.status_code == 400
    assert not Device.objects.exists()


def test_a_signature_over_another_question_enrols_nothing(ada: Person) -> None:
    key, phone = SoftDeviceKey(ada), phone_of(ada)
    phone.post(f"{DEVICES}/options")

    body = {"name": "a", **key.register(bytes(32))}
    assert phone.post(DEVICES, body, format="json").status_code == 400
    assert not Device.objects.exists()


def spki(key: Any) -> str:
    public = key.public_key()
    return b64(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_key": spki(generate_private_key(SECP384R1()))},
        {"public_key": spki(Ed25519PrivateKey.generate())},
        {"public_key": "AAAA"},
        {"public_key": "%%"},
        {"signature": "AAAA"},
        {"signature": b64(bytes(64))},
        {"signature": None},
        {"public_key": None},
        {"kind": "password"},
        {"replaces": "x"},
    ],
    ids=[
        *("another curve", "no ECDSA", "short", "no base64", "short signature", "empty signature"),
        *("no signature", "no key", "another kind", "replaces nothing"),
    ],
)
def test_a_key_that_is_none_is_refused_and_leaves_nothing(
    wrong: dict[str, Any], ada: Person
) -> None:
    answer = enrol(phone_of(ada), SoftDeviceKey(ada), **wrong)

    assert answer.status_code == 400
    assert answer.json()["code"] == "request.shape"
    assert not Device.objects.exists()


@pytest.mark.parametrize("kind", ["passkey", "device_key"])
def test_a_kind_without_its_fields_is_told_which(kind: str, ada: Person) -> None:
    phone = phone_of(ada)
    answer = phone.post(DEVICES, {"name": "a", "kind": kind}, format="json")

    needed = {"passkey": {"client_data", "attestation_object"}}
    assert set(answer.json()["fields"]) == needed.get(kind, {"public_key", "signature"})


def test_it_opens_no_door_and_signs_no_step_up(ada: Person) -> None:
    key = SoftDeviceKey(ada)
    phone = phone_of(ada)
    waiting = SoftAuthenticator(ada)
    enrol(phone, key)
    enrol(phone, waiting)

    yes = {"id": str(waiting.device.uid), "proof": key.sign(bytes(32))}
    where = f"{DEVICES}/{waiting.device.uid}/approval"
    answer = phone.post(where, {"step_up": yes}, format="json")
    assert answer.status_code == 400
    assert waiting.device.state == Device.State.WAITING
