"""After the return the approver confirms the trip, so that it may be paid."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from trips.deciding import decide, ordered
from trips.models import Correction, State, Trip
from trips.writing import locked


@transaction.atomic
def confirm(trip: Trip, *, approver: Person, now: datetime, note: str = "") -> Trip:
    """Once back, or once the planned end is over. A trip without order gets its order here."""
    trip = locked(trip)
    state = trip.after("confirm")
    if trip.state != State.RETURNED and now < trip.ends_at:
        raise MoveRefused("the trip is neither back nor over")
    if trip.corrections.filter(state=Correction.State.OPEN).exists():
        raise MoveRefused("a correction is still open")
    if trip.approved_at is None:
        ordered(trip, now=now)
    decide(trip, by=approver, step=2, decision="approve", note=note, now=now)
    trip.state = state
    trip.save(update_fields=["state", "order_number", "approved_at", "approver"])
    return trip
