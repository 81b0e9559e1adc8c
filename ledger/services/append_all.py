"""A deed done to many trips at once leaves an entry of each: all in its transaction, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ledger.outbox import Deed, Entry, put_all


def append_all(deeds: Sequence[Deed], *, at: datetime) -> list[Entry]:
    """Commit each with the deed around it, and say which leaf it will be; a trip comes once."""
    return put_all(deeds, at=at)
