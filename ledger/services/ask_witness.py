"""The request a witness is shown: the newest head, and that it follows from what it saw."""

from __future__ import annotations

from datetime import datetime

from ledger.witnessing import request_from


def ask_witness(*, old: int, now: datetime) -> str | None:
    """A C2SP add-checkpoint body from *old* leaves on; none if there were never so many."""
    return request_from(old, now=now)
