"""A deed leaves its entry: in the deed's own transaction, or neither comes to be."""

from __future__ import annotations

from datetime import datetime

from attest.log.leaf import Event
from ledger.outbox import Entry, TripLine, put


def append(*, event: Event, at: datetime, trip: TripLine | None = None, subject: str = "") -> Entry:
    """Commit *event* with the deed around it, and say which leaf it will be.

    *subject* names whose keys seal the openings of an event that belongs to no trip.
    """
    return put(event=event, at=at, trip=trip, subject=subject)
