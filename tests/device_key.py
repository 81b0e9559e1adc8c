"""A browser's own key in software, as WebCrypto would use it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.device_keys import digest_of
from accounts.models import Device, Person
from accounts.passkeys import b64
from accounts.services.enrol_device_key import enrol_device_key

PURPOSE = b"tripseal/device-key/1\0"


class SoftDeviceKey:
    """One P-256 key of one browser. ``enrol()`` makes the server know it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.key = generate_private_key(SECP256R1())

    @property
    def public_key(self) -> bytes:
        """SPKI DER."""
        public = self.key.public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def key_id(self) -> str:
        return b64(digest_of(self.public_key))

    @property
    def device(self) -> Device:
        return Device.objects.get(public_key=self.public_key)

    def raw(self, said: bytes) -> bytes:
        """A raw signature (r ‖ s) over SHA-256 of *said*."""
        r, s = decode_dss_signature(self.key.sign(said, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def sign(self, challenge: bytes, /, **said: Any) -> dict[str, str]:
        """The proof dict the API takes; *said* writes over its fields."""
        proof = {
            "kind": "device_key",
            "key_id": self.key_id,
            "signature": b64(self.raw(challenge)),
        }
        return proof | said

    def register(self, challenge: bytes, /, **said: Any) -> dict[str, Any]:
        """What the page sends to ``POST devices``."""
        made = {
            "kind": "device_key",
            "public_key": b64(self.public_key),
            "signature": b64(self.raw(PURPOSE + challenge)),
        }
        return made | said

    def enrol(
        self, *, now: datetime, replaces: Device | None = None, signed_in_by: str = "passkey"
    ) -> Self:
        """As the page does it; for who signed in by a passkey, if nothing else is said."""
        enrol_device_key(
            self.person,
            public_key=self.public_key,
            name="시험 브라우저",
            replaces=replaces,
            signed_in_by=signed_in_by,
            now=now,
        )
        return self
