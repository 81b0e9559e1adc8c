"""What a batch is: its rows, their sum, and the hash a clerk signs."""

from __future__ import annotations

from collections.abc import Container, Iterable
from hashlib import sha256

from django.conf import settings

from accounts.models import Person
from attest.errors import BatchChanged, MoveRefused
from settlement.models import Batch, BatchRow, Hold

ACTION = "settle"
# What two had to look at, the one who pays alone does not pay.
FOR_TWO = ("two-person-review", "amount-changed")
# More rows than these take over a second: the worker pays them.
AT_ONCE = 20


def batch_hash(rows: Iterable[BatchRow]) -> bytes:
    """Over the sorted (trip, won) list: one line each, so that anybody can hash it again."""
    lines = sorted(f"{row.trip.uid} {row.won}\n" for row in rows)
    return sha256("".join(lines).encode()).digest()


def rows_of(batch: Batch) -> list[BatchRow]:
    return list(batch.trips.select_related("trip").order_by("pk"))


def resum(batch: Batch) -> None:
    """Count, total and hash of what lies in *batch* now."""
    rows = rows_of(batch)
    batch.rows, batch.total = len(rows), sum(row.won for row in rows)
    batch.hash = batch_hash(rows)
    batch.save(update_fields=["rows", "total", "hash"])


def second_about(batch: Batch) -> str:
    """What the agreement of two to this batch is called."""
    return f"settle:{batch.uid}"


def needs_second(batch: Batch) -> bool:
    """Over what one person may settle, or with a trip that was for two to look at."""
    if batch.total > settings.BATCH_LIMIT_WON:
        return True
    trips = batch.trips.values("trip")
    return Hold.objects.filter(trip__in=trips, resolution_code__in=FOR_TWO).exists()


def refuse_closed(batch: Batch, clerk: Person, *, states: Container[str]) -> None:
    """A batch is its clerk's alone, and only while it stands in one of *states*."""
    if batch.clerk_id != clerk.pk:
        raise MoveRefused("somebody else's batch", why="batch.foreign")
    if batch.state not in states:
        raise MoveRefused("this batch is closed", why=f"batch.{batch.state}")


def unchanged_hash(batch: Batch) -> bytes:
    """Over the rows as they stand, which must be those that were shown."""
    digest = batch_hash(rows_of(batch))
    if bytes(batch.hash or b"") != digest:
        raise BatchChanged("the rows are not those of the batch")
    return digest
