"""A passkey in software: what a phone's chip does, without the chip.

It stands in for hardware in demonstrations and tests, and is called so wherever it is
listed. The bytes it makes are those of the real thing (WebAuthn level 2, §6).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP = 0x01, 0x04, 0x08, 0x10


class SoftAuthenticator:
    """One P-256 credential for one origin. *flags* can be set wrong on purpose, in tests."""

    def __init__(self, *, origin: str, rp_id: str, synced: str = "no") -> None:
        self.origin, self.rp_id = origin, rp_id
        self.key = generate_private_key(SECP256R1())
        self.credential_id = token_bytes(16)
        self.flags = _PRESENT | _VERIFIED
        if synced == "yes":
            self.flags |= _ELIGIBLE | _BACKED_UP

    @property
    def public_key(self) -> bytes:
        """SPKI DER."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, challenge: bytes) -> dict[str, str]:
        """An assertion over *challenge*, in the form the API takes."""
        client = self._client("webauthn.get", challenge)
        data = sha256(self.rp_id.encode()).digest() + bytes([self.flags]) + bytes(4)
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return {
            "kind": "passkey",
            "credential_id": _b64(self.credential_id),
            "authenticator_data": _b64(data),
            "client_data": _b64(client),
            "signature": _b64(signature),
        }

    def _client(self, kind: str, challenge: bytes) -> bytes:
        said: dict[str, Any] = {
            "type": kind,
            "challenge": _b64(challenge),
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said, separators=(",", ":")).encode()


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
