"""What the phone sends: its signed text, and the proof over it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from attest.errors import RecordMalformed
from attest.record import Record, canonical

KINDS = ("passkey", "none")


@dataclass(frozen=True, slots=True)
class Envelope:
    """*text* stays as sent, for a signature covers it."""

    id: UUID
    record: Record
    text: str = field(repr=False)
    proof: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, id: UUID, text: str, proof: Mapping[str, Any]) -> Self:  # noqa: A002 -- its name on the wire
        record = Record.read(text)
        if str(id) != str(record.id):
            raise RecordMalformed("the envelope names another id than the record")
        if proof.get("kind") not in KINDS:
            raise RecordMalformed("proof.kind is passkey or none")
        return cls(id, record, text, proof)

    def without_position(self) -> Self:
        """As if the phone had been refused: the rest of the record stays, its fixes do not."""
        said = json.loads(self.text) | {"fixes": [], "state": "refused"}
        text = canonical(said)
        return replace(self, record=Record.read(text), text=text)

    def fingerprint(self, key: bytes) -> bytes:
        """Equal for equal records. Keyed: a bare hash of a place can be guessed."""
        return hmac.digest(key, self.text.encode(), "sha256")
