"""A trip that was only ever written down is thrown away; the log never knew it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.erasing import doom
from trips.erasing import keys_in
from trips.models import Challenge, Item, State, Trip
from trips.writing import locked


@transaction.atomic
def discard_draft(trip: Trip, *, now: datetime) -> int:
    """1 if it is gone, 0 where it is a draft no more."""
    trip = locked(trip)
    if trip.state != State.DRAFT or trip.open_hash is not None or trip.check_ins.exists():
        return 0
    doom(keys_in([trip]), at=now)
    Challenge.objects.filter(trip=trip).delete()
    Item.objects.filter(trip=trip).delete()
    for rows in (trip.stops, trip.companions, trip.distances, trip.corrections, trip.decisions):
        rows.all().delete()
    trip.delete()
    return 1
