"""Signed documents for everybody: one row each, and a number that only ever grows.

The number is the second of signing where that is higher than the last: an old backup of the
database goes on from the time it is, not from the numbers readers have already seen.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from django.db import connection

from attest.errors import LogInconsistent
from ledger.models import Published

_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def locked(kind: Published.Kind) -> Published:
    """The row of *kind*, for nobody else until this transaction ends; of number 0 if it is new."""
    if not connection.in_atomic_block:
        raise LogInconsistent("a document is published in one transaction: open it first")
    none = {"seq": 0, "signed_at": _NEVER, "sha256": b"", "document": b""}
    Published.objects.get_or_create(pk=kind, defaults=none)
    return Published.objects.select_for_update().get(pk=kind)


def publish(row: Published, *, sign: Callable[[int], bytes], at: datetime) -> Published:
    """Put what *sign* makes of the next number into the *row* that was locked."""
    row.seq = max(row.seq + 1, int(at.timestamp()))
    row.document = sign(row.seq)
    row.sha256 = sha256(row.document).digest()
    row.signed_at = at
    row.save()
    return row
