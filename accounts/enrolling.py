"""Making a new passkey known: what the browser is asked, and what it answered."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.webauthn import AttestationObject, AuthenticatorData

from accounts.models import Device, Person
from accounts.passkeys import UNREADABLE, b64, cose_key, unb64
from attest.errors import RecordMalformed

TIMEOUT_MS = 300_000
_ALGORITHMS = (ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM)


@dataclass(frozen=True, slots=True)
class Registration:
    """A new credential. *credential* is what allauth keeps to ask for it at sign-in.

    A key in software, as demonstrations and tests use, has none: it signs touches and
    step-ups, but nobody is asked for it at the door.
    """

    credential_id: bytes
    public_key: bytes  # SPKI DER
    synced: bool
    credential: Mapping[str, Any] = field(default_factory=dict, repr=False)


def creation_options(
    person: Person, *, challenge: bytes, known: Iterable[Device]
) -> dict[str, Any]:
    """``publicKey`` of ``navigator.credentials.create``, bytes as base64url."""
    return {
        "rp": {"id": settings.RP_ID, "name": person.organisation.name},
        "user": {
            "id": b64(person.uid.bytes),
            "name": person.name,
            "displayName": person.name,
        },
        "challenge": b64(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in _ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [
            {"type": "public-key", "id": b64(bytes(device.credential_id))}
            for device in known
            if device.credential_id
        ],
        # Discoverable, so that signing in needs no number; verified, so that it needs no password.
        "authenticatorSelection": {
            "residentKey": "required",
            "userVerification": "required",
        },
        "attestation": "none",
        "extensions": {"credProps": True},
    }


def read_registration(said: Mapping[str, Any], *, challenge: bytes) -> Registration:
    """The new credential, or ``record.malformed`` for whatever does not hold.

    *said* is ``{client_data, attestation_object}``, base64url.
    """
    client_data = unb64(said.get("client_data"))
    _check_client(client_data, challenge)
    raw = unb64(said.get("attestation_object"))
    data = _authenticator_data(raw)
    credential = data.credential_data
    if credential is None:
        raise RecordMalformed("no credential in the attestation")
    return Registration(
        credential_id=credential.credential_id,
        public_key=_spki(credential.public_key),
        synced=data.is_backup_eligible(),
        credential=_for_allauth(credential.credential_id, client_data, raw),
    )


def _check_client(raw: bytes, challenge: bytes) -> None:
    try:
        said = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise RecordMalformed("client_data is not JSON") from wrong
    expected = {
        "type": "webauthn.create",
        "origin": settings.ORIGIN,
        "challenge": b64(challenge),
    }
    if not isinstance(said, dict) or any(
        said.get(name) != value for name, value in expected.items()
    ):
        raise RecordMalformed("client_data speaks of another ceremony")
    if said.get("crossOrigin", False) is not False:
        raise RecordMalformed("a passkey is not made inside a foreign page")


def _authenticator_data(raw: bytes) -> AuthenticatorData:
    try:
        data = AttestationObject(raw).auth_data
    except UNREADABLE as wrong:
        raise RecordMalformed("the attestation cannot be read") from wrong
    if not hmac.compare_digest(data.rp_id_hash, sha256(settings.RP_ID.encode()).digest()):
        raise RecordMalformed("a passkey of another site")
    if not data.is_user_present() or not data.is_user_verified():
        raise RecordMalformed("the passkey did not ask who holds it")
    return data


def _spki(key: CoseKey) -> bytes:
    """The COSE key as SPKI DER; only the three kinds we verify."""
    try:
        made = _public_key(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (*UNREADABLE, UnsupportedAlgorithm) as wrong:
        raise RecordMalformed("the key of the passkey cannot be read") from wrong
    cose_key(made)
    return made


def _public_key(
    key: CoseKey,
) -> EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey:
    if isinstance(key, ES256) and key[-1] == 1:
        x, y = (int.from_bytes(key[part]) for part in (-2, -3))
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    if isinstance(key, EdDSA) and key[-1] == 6:
        return Ed25519PublicKey.from_public_bytes(key[-2])
    if isinstance(key, RS256):
        n, e = (int.from_bytes(key[part]) for part in (-1, -2))
        return RSAPublicNumbers(e, n).public_key()
    raise ValueError("a key of this kind is not accepted")


def _for_allauth(credential_id: bytes, client_data: bytes, raw: bytes) -> dict[str, Any]:
    return {
        "id": b64(credential_id),
        "rawId": b64(credential_id),
        "type": "public-key",
        "response": {"clientDataJSON": b64(client_data), "attestationObject": b64(raw)},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
