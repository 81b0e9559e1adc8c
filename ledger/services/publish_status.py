"""The status list is signed and shown: which receipts were withdrawn, for everybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction

from attest.documents import sign_status
from attest.errors import KeysUnusable, NotPublished
from ledger.models import Published, Revoked
from ledger.publishing import locked, publish
from ledger.selectors import published
from vault import keyring

# Who asks every second is not signed for every second; nobody reads a list older than an hour.
YOUNG, OLD = timedelta(seconds=10), timedelta(hours=1)


def publish_status(*, now: datetime) -> Published:
    """The list as it stands, its content left unread; signed anew where an id waits for it.

    Where no key may sign it just now the last one stands: it tells its age.
    """
    row = published(Published.Kind.STATUS)
    if row is not None and _is_good(row, now):
        return row
    return _renewed(now)


@transaction.atomic
def _renewed(now: datetime) -> Published:
    row = locked(Published.Kind.STATUS)
    # Whoever held the lock before may have done it.
    if row.seq and _is_good(row, now):
        return row
    try:
        keyring.status_signer(at=int(now.timestamp()))
    except KeysUnusable:
        if row.seq:
            return row
        raise NotPublished("no key may sign a status list now") from None
    return publish(row, sign=partial(_signed, now), at=now)


def _is_good(row: Published, now: datetime) -> bool:
    age = now - row.signed_at
    if age < YOUNG:
        return True
    return age < OLD and not Revoked.objects.filter(waiting=True).exists()


def _signed(now: datetime, seq: int) -> bytes:
    Revoked.objects.filter(until__lt=now).delete()
    # Marked before they are read: what commits in between waits for the next list.
    Revoked.objects.filter(waiting=True).update(waiting=False)
    ids = Revoked.objects.filter(waiting=False).values_list("cti", flat=True)
    at = int(now.timestamp())
    signer = keyring.status_signer(at=at)
    return sign_status(
        map(bytes, ids.iterator()), signer=signer, host=settings.HOST, seq=seq, at=at
    )
