"""The approver orders the trip (출장명령)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from trips.deciding import decide, ordered
from trips.models import Trip
from trips.writing import locked


@transaction.atomic
def order(trip: Trip, *, approver: Person, now: datetime, note: str = "") -> Trip:
    trip = locked(trip)
    state = trip.after("order")
    ordered(trip, now=now)
    decide(trip, by=approver, step=1, decision="approve", note=note, now=now)
    trip.state = state
    trip.save(update_fields=["state", "order_number", "approved_at"])
    return trip
