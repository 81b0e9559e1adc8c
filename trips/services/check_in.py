"""A traveller touches: row, token and log entry come to be together, or not at all."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from trips.envelope import Envelope
from trips.models import CheckIn
from trips.touching import Keys, keep, once
from vault import keyring


def check_in(person: Person, *, envelope: Envelope, now: datetime) -> tuple[CheckIn, bool]:
    """Record *envelope* once, and say whether it was new.

    The phone named it. Sent again, it gets the first answer, for a reply can be
    lost on the way. Another touch under the same name is refused. Nothing refuses a
    touch for what it shows: a failed check is recorded with its verdict.
    """
    fingerprint = envelope.fingerprint(keyring.fingerprint_key())

    def record() -> CheckIn:
        keys = _keys(now)
        return keep(person, envelope=envelope, fingerprint=fingerprint, keys=keys, now=now)

    return once(person, client_id=envelope.id, fingerprint=fingerprint, record=record)


def _keys(now: datetime) -> Keys:
    return Keys(keyring.sealer(at=int(now.timestamp())), keyring.fingerprint_key())
