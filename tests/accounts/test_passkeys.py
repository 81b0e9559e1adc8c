from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    generate_private_key as rsa_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.enrolling import read_registration
from accounts.models import Device, Person
from accounts.passkeys import Assertion, Proof, b64, cose_key, unb64, verify
from accounts.services.revoke_device import revoke_device
from attest.errors import RecordMalformed
from tests.authenticator import SoftAuthenticator
from tests.conftest import NOON

CHALLENGE = bytes(range(32))


def check(key: SoftAuthenticator, person: Person | None = None, **said: Any) -> Assertion:
    proof = Proof.read(key.sign(CHALLENGE, **said))
    return verify(proof, person=person or key.person, challenge=CHALLENGE)


def test_a_passkey_of_hers_over_this_challenge_is_valid(ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol()

    said = check(key)

    assert said.valid
    assert said.live
    assert said.device == key.device
    assert (said.user_verified, said.synced, said.why) == (True, False, "")


def test_a_missing_finger_and_a_synced_key_are_told_not_refused(ada: Person) -> None:
    said = check(SoftAuthenticator(ada, uv=False, synced=True).enrol())

    assert said.valid
    assert (said.user_verified, said.synced) == (False, True)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"origin": "https://evil.example"}, "origin"),
        ({"origin": "http://sub.localhost:8000"}, "origin"),
        ({"origin": f"{settings.ORIGIN}/"}, "origin"),
        ({"kind": "webauthn.create"}, "type"),
        ({"challenge": b64(bytes(32))}, "challenge"),
        ({"crossOrigin": True}, "cross-origin"),
        ({"rp_id": "evil.example"}, "rp-id"),
        ({"flags": 0x04}, "user-absent"),
    ],
)
def test_a_signature_for_something_else_is_invalid_and_says_why(
    ada: Person, wrong: dict[str, Any], why: str
) -> None:
    said = check(SoftAuthenticator(ada).enrol(), **wrong)

    assert not said.valid
    assert said.why == why


def test_another_persons_passkey_is_unknown(ada: Person, mallory: Person) -> None:
    said = check(SoftAuthenticator(mallory).enrol(), person=ada)

    assert (said.valid, said.device, said.why) == (False, None, "unknown-credential")


def test_another_key_under_her_credential_is_refused(ada: Person) -> None:
    real, forged = SoftAuthenticator(ada).enrol(), SoftAuthenticator(ada)
    forged.credential_id = real.credential_id

    assert check(forged).why == "signature"


def test_a_waiting_device_signs_nothing(ada: Person) -> None:
    SoftAuthenticator(ada).enrol()
    second = SoftAuthenticator(ada).enrol()

    assert second.device.state == Device.State.WAITING
    assert check(second).why == "device-waiting"


def test_a_revoked_device_signs_validly_but_is_not_live(ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol()
    revoke_device(key.device, by=ada, now=NOON)

    said = check(key)

    assert said.valid
    assert not said.live
    assert said.why == "revoked"


@pytest.mark.parametrize("part", ["authenticator_data", "client_data", "signature"])
def test_no_flipped_bit_of_an_assertion_survives(ada: Person, part: str) -> None:
    key = SoftAuthenticator(ada).enrol()
    proof = key.sign(CHALLENGE)
    raw = unb64(proof[part])

    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read = Proof.read(proof | {part: b64(bytes(flipped))})
            assert not verify(read, person=ada, challenge=CHALLENGE).valid
        except RecordMalformed:
            continue


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "device_key"},
        {"kind": None},
        {"signature": ""},
        {"signature": "AA=="},
        {"signature": "AB"},
        {"signature": "A A"},
        {"signature": "+w"},
        {"signature": 7},
        {"signature": "A" * 20_000},
        {"client_data": b64(b"not json")},
        {"client_data": b64(b"[1]")},
        {"client_data": b64(b'{"type":"webauthn.get","origin":"x","challenge":10000000000}')},
        {"client_data": b64(b"[" * 9_000)},
        {"authenticator_data": b64(bytes(36))},
        {"authenticator_data": b64(bytes(32) + b"\x41" + bytes(40))},
        {"authenticator_data": b64(bytes(32) + b"\x81" + bytes(4) + b"\xc0")},
        {"authenticator_data": b64(bytes(38))},
        {"surplus": "AA"},
    ],
)
def test_an_unreadable_proof_is_malformed(ada: Person, wrong: dict[str, Any]) -> None:
    key = SoftAuthenticator(ada).enrol()

    with pytest.raises(RecordMalformed):
        verify(Proof.read(key.sign(CHALLENGE) | wrong), person=ada, challenge=CHALLENGE)


@given(raw=st.binary(max_size=60))
def test_base64url_has_one_spelling(raw: bytes) -> None:
    text = b64(raw)

    assert not raw or unb64(text) == raw
    with pytest.raises(RecordMalformed):
        unb64(text + "=")


def test_eddsa_and_rs256_are_verified_and_other_keys_are_not() -> None:
    ed, rsa, short = (
        Ed25519PrivateKey.generate(),
        rsa_key(65537, 2048),
        rsa_key(65537, 1024),
    )

    cose_key(spki(ed.public_key())).verify(b"said", ed.sign(b"said"))
    signed = rsa.sign(b"said", PKCS1v15(), SHA256())
    cose_key(spki(rsa.public_key())).verify(b"said", signed)
    with pytest.raises(RecordMalformed):
        cose_key(spki(short.public_key()))


def spki(key: Any) -> bytes:
    raw: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return raw


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"kind": "webauthn.get"},
        {"challenge": b64(bytes(32))},
        {"crossOrigin": True},
        {"rp_id": "evil.example"},
    ],
)
def test_a_registration_for_something_else_is_refused(ada: Person, wrong: dict[str, Any]) -> None:
    said = SoftAuthenticator(ada).register(CHALLENGE, **wrong)

    with pytest.raises(RecordMalformed):
        read_registration(said, challenge=CHALLENGE)


def test_a_registration_without_a_finger_is_refused(ada: Person) -> None:
    said = SoftAuthenticator(ada, uv=False).register(CHALLENGE)

    with pytest.raises(RecordMalformed):
        read_registration(said, challenge=CHALLENGE)


@given(noise=st.binary(min_size=1, max_size=200))
def test_a_noisy_attestation_is_one_refusal(noise: bytes) -> None:
    client = {"client_data": SoftAuthenticator(Person()).register(CHALLENGE)["client_data"]}

    with pytest.raises(RecordMalformed):
        read_registration(client | {"attestation_object": b64(noise)}, challenge=CHALLENGE)


def test_one_passkey_cannot_be_enrolled_twice(ada: Person, mallory: Person) -> None:
    key = SoftAuthenticator(ada).enrol()
    key.person = mallory

    with pytest.raises(RecordMalformed):
        key.enrol()
