"""What a batch is: its rows, their sum, and the hash a clerk signs."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from settlement.models import Batch, BatchRow

ACTION = "settle"


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
