"""A draft is rewritten by its traveller."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from attest.errors import MoveRefused
from trips.models import State, Trip
from trips.plan import Plan
from trips.writing import locked, put_plan


@transaction.atomic
def revise(trip: Trip, *, plan: Plan, now: datetime) -> Trip:
    """Only a draft can change; what was asked for changes by being returned first."""
    del now
    trip = locked(trip)
    if trip.state != State.DRAFT:
        raise MoveRefused("only a draft can be rewritten")
    put_plan(trip, plan)
    trip.save()
    return trip
