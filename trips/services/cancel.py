"""A trip that will not be made is cancelled, by who travels or who approves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import Trip
from trips.writing import locked


@transaction.atomic
def cancel(trip: Trip, *, actor: Person, reason: str, now: datetime) -> Trip:
    """Refused while a touch of it stands."""
    trip = locked(trip)
    if actor.pk not in {trip.traveller_id, trip.approver_id}:
        raise NotYours("only the traveller or the approver cancels")
    state = trip.after("cancel")
    if trip.check_ins.filter(withdrawn_at=None).exists():
        raise MoveRefused("a touch of this trip stands")
    if trip.open_hash is not None:
        event = leaves.closed(trip, actor=actor.ref, reason="cancelled", note=reason)
        append(event=event, trip=trip.line, at=now)
    trip.state = state
    trip.save(update_fields=["state"])
    return trip
