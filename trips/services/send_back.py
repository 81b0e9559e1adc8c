"""A confirmed trip goes back: something does not fit yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import NotYours
from trips.deciding import may_send_back, put_decision
from trips.models import Trip
from trips.writing import locked, reasoned


@transaction.atomic
def send_back(trip: Trip, *, actor: Person, reason: str, now: datetime) -> Trip:
    """By its approver, or by a clerk (whose room also opens a Hold)."""
    trip = locked(trip)
    state = trip.after("send_back")
    if not may_send_back(actor, trip, at=now):
        raise NotYours("this trip is not yours to send back")
    put_decision(trip, by=actor, step=2, decision="return", note=reasoned(reason), now=now)
    trip.state = state
    trip.save(update_fields=["state"])
    return trip
