"""A touch from a page without script: three fields, no position, no signature."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from accounts.models import Person
from attest.record import Record, canonical
from trips.delivery import at_once
from trips.envelope import Envelope
from trips.models import Challenge, CheckIn, Trip
from trips.touching import Keys, keep, once
from vault import keyring


def touch_by_form(
    person: Person,
    *,
    id: UUID,  # noqa: A002 -- its name in the form
    trip: Trip | None,
    kind: str,
    now: datetime,
) -> tuple[CheckIn, bool]:
    """Post it twice, and it is one touch: the fingerprint covers the three fields alone."""
    said = f"form:{id}:{trip.uid if trip else None}:{kind}"
    fingerprint = hmac.digest(keyring.fingerprint_key(), said.encode(), "sha256")

    def record() -> CheckIn:
        asked = Challenge.objects.create(person=person, trip=trip, issued_at=now, life_s=600)
        envelope = _envelope(asked, id, trip, kind, now)
        return keep(
            person,
            envelope=envelope,
            challenge=asked,
            delivery=at_once(envelope.record, now=now),
            fingerprint=fingerprint,
            keys=_keys(now),
        )

    return once(person, client_id=id, fingerprint=fingerprint, challenge=None, record=record)


def _envelope(
    asked: Challenge, client_id: UUID, trip: Trip | None, kind: str, now: datetime
) -> Envelope:
    """The server writes the record, and asks and answers itself in the same transaction."""
    text = canonical(
        {
            "at_ms": int(now.timestamp() * 1000),
            "challenge": str(asked.uid),
            "device": {
                "automated": False,
                "form": "unknown",
                "motion": "unknown",
                "patched": False,
                "utc_offset_min": None,
            },
            "errors_between": 0,
            "fixes": [],
            "id": str(client_id),
            "kind": kind,
            "mono_ms": None,
            "photo_sha256": None,
            "repair": False,
            "site": None,
            "state": "unsupported",
            "trip": str(trip.uid) if trip else None,
            "v": 1,
        }
    )
    return Envelope(client_id, Record.read(text), text, {"kind": "none"})


def _keys(now: datetime) -> Keys:
    return Keys(keyring.sealer(at=int(now.timestamp())), keyring.fingerprint_key())
