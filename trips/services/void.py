"""It was no trip after all: voided by a clerk, with the traveller's own yes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import Correction, Trip
from trips.writing import locked, reasoned


@transaction.atomic
def void(trip: Trip, *, clerk: Person, reason: str, now: datetime) -> Trip:
    """The yes is the traveller's own correction that says the touch was a mistake.

    It counts unless the approver has declined it.
    """
    trip = locked(trip)
    if clerk.pk == trip.traveller_id:
        raise NotYours("nobody voids their own trip")
    state = trip.after("void")
    said = trip.corrections.filter(what=Correction.What.MISTAKE)
    if not said.exclude(state=Correction.State.DECLINED).update(state=Correction.State.ACCEPTED):
        raise MoveRefused("the traveller has not said that this was no trip")
    event = leaves.closed(trip, actor=clerk.ref, reason="not-a-trip", note=reasoned(reason))
    append(event=event, trip=trip.line, at=now)
    trip.state = state
    trip.save(update_fields=["state"])
    return trip
