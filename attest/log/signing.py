"""Who signs: the log with both its keys, a witness with its own. The core keeps no key."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .note import Kind, VerifyingKey, cosigned


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def verifying(self) -> VerifyingKey:
        return VerifyingKey(self.name, Kind.ED25519, self.key.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        return self.key.sign(text)


@dataclass(frozen=True, slots=True)
class EcdsaSigner:
    """Deterministic (RFC 6979): the core has no dice; one text gets one signature."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def verifying(self) -> VerifyingKey:
        public = self.key.public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return VerifyingKey(self.name, Kind.ECDSA_P256, spki)

    def sign(self, text: bytes) -> bytes:
        return self.key.sign(text, ec.ECDSA(SHA256(), deterministic_signing=True))


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness at *time*, in seconds since 1970."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)
    time: int

    @property
    def verifying(self) -> VerifyingKey:
        return VerifyingKey(self.name, Kind.COSIGNATURE, self.key.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        return self.time.to_bytes(8, "big") + self.key.sign(cosigned(self.time, text))
