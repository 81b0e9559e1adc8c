"""What a browser's own key says where no passkey can (evidence.md §2.2).

    proof     {kind: "device_key", key_id, signature}, base64url without padding
    key_id    the first 12 bytes of the SHA-256 of the public key (SPKI DER)
    signature ECDSA over P-256 with SHA-256, raw r ‖ s as WebCrypto writes it, 64 bytes,
              over the same 32 bytes that a passkey signs

Enrolling, the browser shows that it holds the key: it signs "tripseal/device-key/1" 00 and
the challenge of ``POST devices/options``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from accounts.models import Device, Person
from accounts.passkeys import Assertion, fallen, unb64
from accounts.selectors import device_keyed
from attest.errors import RecordMalformed

DIGEST_BYTES = 12
_FIELDS = frozenset({"kind", "key_id", "signature"})
_SIGNATURE_BYTES = 64
_PURPOSE = b"tripseal/device-key/1\0"


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature as the browser gave it; nothing of it is believed yet."""

    key_id: bytes
    signature: bytes = field(repr=False)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """The proof, or ``record.malformed``: exactly these fields, each spelled one way."""
        if set(said) != _FIELDS or said["kind"] != "device_key":
            raise RecordMalformed("a proof by a device key has three fields")
        key_id, signature = unb64(said["key_id"]), unb64(said["signature"])
        if len(key_id) != DIGEST_BYTES or len(signature) != _SIGNATURE_BYTES:
            raise RecordMalformed("a key id has 12 bytes, and a signature 64")
        return cls(key_id, signature)


def verify(proof: Proof, *, person: Person, challenge: bytes) -> Assertion:
    """Check *proof* by the device key of *person*. A bad one is an answer, not an error."""
    device = device_keyed(person, proof.key_id)
    why = _unsigned(proof, device, challenge)
    return Assertion(device, valid=not why, why=why or fallen(device))


def read_key(said: Mapping[str, Any], *, challenge: bytes) -> bytes:
    """The public key (SPKI DER) of ``{public_key, signature}``, once it signed *challenge*."""
    spki = unb64(said.get("public_key"))
    key = _public(spki)
    # One key, one spelling: its digest is its name.
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != spki:
        raise RecordMalformed("not the plain spelling of a public key")
    if not _signed(key, unb64(said.get("signature")), _PURPOSE + challenge):
        raise RecordMalformed("not signed by the key that is to be enrolled")
    return spki


def digest_of(spki: bytes) -> bytes:
    return sha256(spki).digest()[:DIGEST_BYTES]


def _unsigned(proof: Proof, device: Device | None, challenge: bytes) -> str:
    if device is None:
        return "unknown-key"
    if device.state == Device.State.WAITING:
        return "device-waiting"
    key = _public(bytes(device.public_key))
    return "" if _signed(key, proof.signature, challenge) else "signature"


def _public(spki: bytes) -> EllipticCurvePublicKey:
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise RecordMalformed("not a public key") from wrong
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise RecordMalformed("a device key is one of P-256")
    return key


def _signed(key: EllipticCurvePublicKey, signature: bytes, said: bytes) -> bool:
    if len(signature) != _SIGNATURE_BYTES:
        return False
    halves = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        key.verify(encode_dss_signature(*halves), said, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
