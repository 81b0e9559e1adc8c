"""The newest head, as a time-stamp authority is asked to stamp it."""

from __future__ import annotations

from datetime import datetime

from attest.log.note import unsigned_text
from ledger.adapters.tsa import query
from ledger.anchoring import head_now


def ask_stamp(*, now: datetime) -> tuple[int, bytes]:
    """How many leaves it covers, and the request."""
    row = head_now(now)
    return row.size, query(unsigned_text(row.note))
