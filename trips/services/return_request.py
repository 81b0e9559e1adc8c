"""The approver gives a request back to its traveller, with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from trips.deciding import decide
from trips.models import Trip
from trips.writing import locked, reasoned


@transaction.atomic
def return_request(trip: Trip, *, approver: Person, reason: str, now: datetime) -> Trip:
    trip = locked(trip)
    state = trip.after("return_request")
    decide(trip, by=approver, step=1, decision="return", note=reasoned(reason), now=now)
    trip.state, trip.requested_at = state, None
    trip.save(update_fields=["state", "requested_at"])
    return trip
