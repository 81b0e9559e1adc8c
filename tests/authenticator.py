"""A passkey in software: real bytes, real signatures, and every one of them can be set wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any, Self

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone

from accounts.enrolling import Registration, read_registration
from accounts.models import Device, Person
from accounts.passkeys import b64
from accounts.services.ask_step_up import ask_step_up
from accounts.services.enrol_device import enrol_device
from accounts.step_up import challenge_of

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


class SoftAuthenticator:
    """One P-256 credential of one person. ``enrol()`` makes the server know it."""

    def __init__(self, person: Person, *, uv: bool = True, synced: bool = False) -> None:
        self.person = person
        self.flags = UP | (UV if uv else 0) | (BE | BS if synced else 0)
        self.key = generate_private_key(SECP256R1())
        self.credential_id = token_bytes(16)

    @property
    def public_key(self) -> bytes:
        """SPKI DER."""
        public = self.key.public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def device(self) -> Device:
        return Device.objects.get(credential_id=self.credential_id)

    def enrol(self, *, now: datetime | None = None) -> Self:
        """As the page does it, with the row that lets it open the door."""
        challenge = token_bytes(32)
        flags = self.flags
        self.flags |= UV  # nobody enrols without a finger; it may be missing later
        made = read_registration(self.register(challenge), challenge=challenge)
        self.flags = flags
        at = now or timezone.now()
        enrol_device(self.person, registration=made, name="시험 열쇠", now=at)
        return self

    def bare(self) -> Registration:
        """A registration that signs but is not asked for at the door."""
        return Registration(self.credential_id, self.public_key, synced=bool(self.flags & BE))

    def register(self, challenge: bytes, /, **said: Any) -> dict[str, str]:
        """What the browser sends after ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        length = len(self.credential_id).to_bytes(2)
        credential = bytes(16) + length + self.credential_id + cbor2.dumps(cose)
        data = self._head(said.pop("rp_id", settings.RP_ID), self.flags | AT) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = client_data(challenge, **{"kind": "webauthn.create", **said})
        return {"client_data": b64(client), "attestation_object": b64(attestation)}

    def sign(self, challenge: bytes, /, **said: Any) -> dict[str, str]:
        """The proof dict the API takes. *said* sets origin, rp_id, kind or more otherwise."""
        data = self._head(said.pop("rp_id", settings.RP_ID), said.pop("flags", self.flags))
        client = client_data(challenge, **said)
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return {
            "kind": "passkey",
            "credential_id": b64(self.credential_id),
            "authenticator_data": b64(data),
            "client_data": b64(client),
            "signature": b64(signature),
        }

    def step_up(
        self, *, action: str, batch_hash: bytes, now: datetime | None = None
    ) -> dict[str, Any]:
        """Ask for a step-up and answer it: the value of ``step_up`` in a deed."""
        at = now or timezone.now()
        asked = ask_step_up(self.person, action=action, batch_hash=batch_hash, now=at)
        return {"id": str(asked.uid), "proof": self.sign(challenge_of(asked))}

    @staticmethod
    def _head(rp_id: str, flags: int) -> bytes:
        return sha256(rp_id.encode()).digest() + bytes([flags]) + bytes(4)


def client_data(challenge: bytes, /, *, kind: str = "webauthn.get", **said: Any) -> bytes:
    value: Mapping[str, Any] = {
        "type": kind,
        "challenge": b64(challenge),
        "origin": settings.ORIGIN,
        "crossOrigin": False,
    }
    return json.dumps({**value, **said}, separators=(",", ":")).encode()
