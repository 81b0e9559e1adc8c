"""Two clerks decide by what a trip is computed; what was written before stays beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.errors import DutiesClash, MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import State, Trip
from trips.writing import locked, reasoned

# While what it is computed by can still be another.
_OPEN = frozenset({State.APPROVED, State.TRAVELLING, State.RETURNED, State.CONFIRMED})


@transaction.atomic
def decide_facts(
    trip: Trip,
    *,
    clerk: Person,
    second: Person,
    facts: Mapping[str, Any],
    reason: str,
    now: datetime,
) -> Trip:
    """*facts* in the fields of a claim's trip, each over the one decided before; never a sum.

    The leaf is the clerk's correction of the trip, and names the second.
    """
    trip = locked(trip)
    if clerk.pk == second.pk:
        raise DutiesClash("another clerk has to agree")
    if trip.traveller_id in {clerk.pk, second.pk}:
        raise NotYours("nobody decides what their own trip is computed by")
    if trip.state not in _OPEN:
        raise MoveRefused(f"this trip is {trip.state}: what it is computed by stays")
    trip.decided = {**(trip.decided or {}), **facts}
    trip.save(update_fields=["decided"])
    new = {"item": "facts", **facts, "second": second.ref}
    event = leaves.corrected(trip, actor=clerk.ref, reason=reasoned(reason), new=new)
    append(event=event, trip=trip.line, at=now)
    return trip
