"""A traveller touches: row, token and log entry come to be together, or not at all."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Person
from attest.errors import IdReused
from trips.envelope import Envelope
from trips.models import CheckIn
from trips.touching import Keys, keep
from vault import keyring


def check_in(person: Person, *, envelope: Envelope, now: datetime) -> tuple[CheckIn, bool]:
    """Record *envelope* once, and say whether it was new.

    The phone named it. Sent again, it gets the first answer, for a reply can be
    lost on the way. Another touch under the same name is refused. Nothing refuses a
    touch for what it shows: a failed check is recorded with its verdict.
    """
    fingerprint = envelope.fingerprint(keyring.fingerprint_key())
    if earlier := _earlier(person, envelope, fingerprint):
        return earlier, False
    try:
        with transaction.atomic():
            kept = keep(
                person, envelope=envelope, fingerprint=fingerprint, keys=_keys(now), now=now
            )
            return kept, True
    except IntegrityError:
        # Two copies raced, and the other one was first.
        if earlier := _earlier(person, envelope, fingerprint):
            return earlier, False
        raise


def _earlier(person: Person, envelope: Envelope, fingerprint: bytes) -> CheckIn | None:
    found = (
        CheckIn.objects.filter(client_id=envelope.id)
        .select_related("trip__traveller", "device")
        .first()
    )
    if found is None:
        return None
    if found.trip.traveller_id != person.pk or bytes(found.fingerprint) != fingerprint:
        raise IdReused("this id already names another touch")
    return found


def _keys(now: datetime) -> Keys:
    return Keys(keyring.sealer(at=int(now.timestamp())), keyring.fingerprint_key())
