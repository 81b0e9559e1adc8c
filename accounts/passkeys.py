"""What a passkey says: reading it, checking it, making a new one known.

    proof = {kind: "passkey", credential_id, authenticator_data, client_data, signature}

each but the kind in base64url without padding, in its one canonical spelling
(evidence.md §2.1). The signature covers ``authenticator_data ‖ SHA-256(client_data)``.
"""

from __future__ import annotations

import hmac
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.webauthn import AuthenticatorData

from accounts.models import Device, Person
from accounts.selectors import device_of
from attest.errors import RecordMalformed

_FIELDS = ("credential_id", "authenticator_data", "client_data", "signature")
_LONGEST = 16_384
# What a reader of a foreign binary format may trip over.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
_FIXED = 37  # rpIdHash, flags, counter
_AT = 0x40


@dataclass(frozen=True, slots=True)
class Proof:
    """An assertion as the browser gave it; nothing of it is believed yet."""

    credential_id: bytes
    authenticator_data: bytes = field(repr=False)
    client_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """The proof, or ``record.malformed``: exactly these fields, each spelled one way."""
        if set(said) != {"kind", *_FIELDS} or said["kind"] != "passkey":
            raise RecordMalformed("a passkey proof has five fields")
        return cls(*(unb64(said[name]) for name in _FIELDS))


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a proof turned out to be worth.

    *valid* speaks of the signature: this person's credential made it over this challenge.
    A revoked or retired device still signs validly; whether it counts depends on when, so
    whoever needs a key that stands now asks for *live*. *why* is empty when nothing is wrong.
    """

    device: Device | None
    valid: bool
    user_verified: bool = False
    synced: bool = False
    why: str = ""

    @property
    def live(self) -> bool:
        return self.valid and self.device is not None and self.device.state == Device.State.LIVE


def verify(proof: Proof, *, person: Person, challenge: bytes) -> Assertion:
    """Check *proof* by the key enrolled for *person*. A bad one is an answer, not an error.

    Raises ``record.malformed`` only for bytes that cannot be read at all.
    """
    data = _authenticator_data(proof.authenticator_data)
    said = _client_data(proof.client_data)
    device = device_of(person, proof.credential_id)
    why = _unbound(said, data, challenge) or _unsigned(proof, device)
    return Assertion(
        device,
        valid=not why,
        user_verified=data.is_user_verified(),
        synced=data.is_backup_eligible(),
        why=why or fallen(device),
    )


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: Any) -> bytes:
    """Base64url without padding, in its one canonical spelling; else ``record.malformed``."""
    if not isinstance(text, str) or not text or len(text) > _LONGEST:
        raise RecordMalformed("a field is not base64url text")
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as wrong:
        raise RecordMalformed("a field is not base64url") from wrong
    # One value, one spelling: spare bits, padding and foreign letters do not survive this.
    if b64(raw) != text:
        raise RecordMalformed("a field is not canonical base64url")
    return raw


def _authenticator_data(raw: bytes) -> AuthenticatorData:
    # New credentials have no place in an assertion; not parsing them leaves less to attack.
    if len(raw) < _FIXED or raw[32] & _AT:
        raise RecordMalformed("authenticator_data is not that of an assertion")
    try:
        return AuthenticatorData(raw)
    except UNREADABLE as wrong:
        raise RecordMalformed("authenticator_data cannot be read") from wrong


def _client_data(raw: bytes) -> dict[str, str]:
    try:
        said = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise RecordMalformed("client_data is not JSON") from wrong
    if not isinstance(said, dict):
        raise RecordMalformed("client_data is not an object")
    if not all(isinstance(said.get(name), str) for name in ("type", "challenge", "origin")):
        raise RecordMalformed("client_data lacks type, challenge or origin")
    return said


def _unbound(said: Mapping[str, Any], data: AuthenticatorData, challenge: bytes) -> str:
    """Which binding is wrong, of those the browser and the authenticator vouch for."""
    if said["type"] != "webauthn.get":
        return "type"
    # Exact: a sister host that may use the same rpId is still another site.
    if said["origin"] != settings.ORIGIN:
        return "origin"
    if said.get("crossOrigin", False) is not False:
        return "cross-origin"
    if not hmac.compare_digest(said["challenge"].encode(), b64(challenge).encode()):
        return "challenge"
    if not hmac.compare_digest(data.rp_id_hash, sha256(settings.RP_ID.encode()).digest()):
        return "rp-id"
    return "" if data.is_user_present() else "user-absent"


def _unsigned(proof: Proof, device: Device | None) -> str:
    if device is None:
        return "unknown-credential"
    if device.state == Device.State.WAITING:
        return "device-waiting"
    key = cose_key(bytes(device.public_key))
    signed = proof.authenticator_data + sha256(proof.client_data).digest()
    try:
        key.verify(signed, proof.signature)
    except (InvalidSignature, ValueError):
        return "signature"
    return ""


def fallen(device: Device | None) -> str:
    """How a key stands that speaks for nobody any more."""
    over = {Device.State.REVOKED, Device.State.RETIRED}
    return str(device.state) if device and device.state in over else ""


def cose_key(spki: bytes) -> CoseKey:
    """The verifier for a stored key: ES256, EdDSA or RS256, told by the key itself."""
    key = load_der_public_key(spki)
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        return _cose(ES256, key)
    if isinstance(key, Ed25519PublicKey):
        return _cose(EdDSA, key)
    if isinstance(key, RSAPublicKey) and 2048 <= key.key_size <= 4096:
        return _cose(RS256, key)
    raise RecordMalformed("a key of this kind is not accepted")


def _cose(kind: type[CoseKey], key: PublicKeyTypes) -> CoseKey:
    # Through the base: fido2 gives this call no types on its kinds.
    return kind.from_cryptography_key(key)
