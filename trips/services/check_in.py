"""A traveller touches: row, token and log entry come to be together, or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.models import Person
from trips.delivery import delivered
from trips.envelope import Envelope
from trips.models import CheckIn
from trips.site_reading import SiteKeys
from trips.touch_reads import challenge_named
from trips.touching import Keys, keep, once
from vault import keyring


def check_in(person: Person, *, envelope: Envelope, now: datetime) -> tuple[CheckIn, bool]:
    """Record *envelope* once, and say whether it was new.

    The phone named it. Sent again, it gets the first answer, for a reply can be
    lost on the way. Another touch under the same name is refused. Nothing refuses a
    touch for what it shows: a failed check is recorded with its verdict.
    """
    fingerprint = envelope.fingerprint(keyring.fingerprint_key())
    challenge = challenge_named(UUID(str(envelope.record.challenge)))
    delivery = delivered(envelope, challenge, keys=keyring.ticket_keys(now), now=now)

    def record() -> CheckIn:
        return keep(
            person,
            envelope=envelope,
            challenge=challenge,
            delivery=delivery,
            fingerprint=fingerprint,
            keys=_keys(envelope, now),
        )

    return once(
        person,
        client_id=envelope.id,
        fingerprint=fingerprint,
        challenge=challenge,
        record=record,
    )


def _keys(envelope: Envelope, now: datetime) -> Keys:
    sites = None
    if envelope.record.site is not None:
        sites = SiteKeys(keyring.site_code_keys, keyring.every_tag_key)
    return Keys(keyring.sealer(at=int(now.timestamp())), keyring.fingerprint_key(), sites)
