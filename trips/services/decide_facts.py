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
from trips.claim import decided_with
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
    facts: Mapping[str, Any] | None,
    reason: str,
    now: datetime,
) -> Trip:
    """*facts* in the fields of a claim's trip, each over the one decided before; never a sum.

    None: what was decided counts no more, and the rules say what the trip is.
    The leaf is the clerk's correction of the trip, and names the second.
    """
    trip = locked(trip)
    if clerk.pk == second.pk:
        raise DutiesClash("another clerk has to agree", why="second.own")
    if trip.traveller_id in {clerk.pk, second.pk}:
        raise NotYours("nobody decides what their own trip is computed by")
    if trip.state not in _OPEN:
        raise MoveRefused(f"this trip is {trip.state}: what it is computed by stays")
    if facts is None and not trip.decided:
        raise MoveRefused("nothing was decided of this trip")
    trip.decided = decided_with(trip, facts)
    trip.save(update_fields=["decided"])
    said = {"back": True} if facts is None else facts
    new = {"item": "facts", **said, "second": second.ref}
    event = leaves.corrected(trip, actor=clerk.ref, reason=reasoned(reason), new=new)
    append(event=event, trip=trip.line, at=now)
    return trip
