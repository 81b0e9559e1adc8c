"""What the phone sends: its signed text, and the proof over it.

    {id, record, proof, beacon?, sent_ms?}

*beacon* came with the challenges; *sent_ms* is the phone's clock as it sends. Neither is
signed nor part of the touch: sent again with others, it is the same touch.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from attest.errors import RecordMalformed
from attest.record import Record, canonical

KINDS = ("passkey", "device_key", "none")


@dataclass(frozen=True, slots=True)
class Envelope:
    """*text* stays as sent, for a signature covers it."""

    id: UUID
    record: Record
    text: str = field(repr=False)
    proof: Mapping[str, Any] = field(repr=False)
    beacon: str | None = None
    sent_ms: int | None = None
    # Told by its cookie, not in the body.
    browser: str = field(default="", repr=False)

    @classmethod
    def read(
        cls,
        id: UUID,  # noqa: A002 -- its name on the wire
        text: str,
        proof: Mapping[str, Any],
        *,
        beacon: str | None = None,
        sent_ms: int | None = None,
        browser: str = "",
    ) -> Self:
        record = Record.read(text)
        if str(id) != str(record.id):
            raise RecordMalformed("the envelope names another id than the record")
        if proof.get("kind") not in KINDS:
            raise RecordMalformed("proof.kind is passkey, device_key or none")
        return cls(id, record, text, proof, beacon, sent_ms, browser)

    def without_position(self) -> Self:
        """As if the phone had been refused: the rest of the record stays, its fixes do not."""
        said = json.loads(self.text) | {"fixes": [], "state": "refused"}
        text = canonical(said)
        return replace(self, record=Record.read(text), text=text)

    def fingerprint(self, key: bytes) -> bytes:
        """Equal for equal records. Keyed: a bare hash of a place can be guessed."""
        return hmac.digest(key, self.text.encode(), "sha256")
