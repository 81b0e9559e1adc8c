"""After a leak: open trips get receipts that are believed, with the facts of those that are not."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from django.db import transaction

from attest.claims import Claims
from attest.token import seal
from ledger.services.append import append
from ledger.services.revoke import revoke
from trips import leaves
from trips.models import CheckIn, Renewed
from trips.reissuing import Fate, leak_of, lost_of, open_trips
from trips.writing import locked, unused_id
from vault import keyring
from vault.sealed import seal as seal_field


def reissue(*, now: datetime) -> Generator[Fate, None, None]:
    """Trip by trip, each whole or not at all, what withdrawn keys signed after their moment.

    Stopped half-way it goes on where it was, for what was renewed is no longer refused.
    """
    leak = leak_of(keyring.opener())
    if leak is None:
        return
    for trip in open_trips(leak):
        with transaction.atomic():
            lost = lost_of(locked(trip), leak, now=now)
            for touch, claims in lost.touches:
                _renew(touch, claims, now)
            for whole in lost.wholes:
                revoke(bytes(whole.cti), issued_at=whole.sealed_at)
        if lost.fate != Fate(trip.number):
            yield lost.fate


def _renew(touch: CheckIn, claims: Claims, now: datetime) -> None:
    Renewed.objects.create(
        check_in=touch,
        at=now,
        cti=touch.cti,
        spoken=touch.spoken,
        token_hash=touch.token_hash,
    )
    revoke(bytes(touch.cti), issued_at=touch.recorded_at)
    touch.cti, touch.spoken = unused_id()
    sealer = keyring.sealer(at=claims.iat)
    token = seal(replace(claims, cti=touch.cti), sealer=sealer, seed=token_bytes(32))
    touch.token = seal_field(
        token, key=touch.trip.key("loc"), table="trips_checkin", row=touch.uid, field="token"
    )
    touch.token_hash = sha256(token).digest()
    event = leaves.renewed(touch, tok=touch.token_hash, actor="command", reason="key-withdrawn")
    touch.token_leaf = append(event=event, trip=touch.trip.line, at=now).hash
    touch.save(update_fields=["cti", "spoken", "token", "token_hash", "token_leaf"])
