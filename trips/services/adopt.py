"""A trip approved in the personnel system becomes a confirmed trip here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from ledger.services.append import append
from trips import leaves
from trips.adopting import Adopted
from trips.deciding import ordered, put_decision
from trips.models import State, Trip
from trips.writing import new_trip, put_plan


@transaction.atomic
def adopt(told: Adopted, *, traveller: Person, by: Person, now: datetime) -> Trip:
    """The log keeps that *by* took it over, and from which sheet: nobody here saw the approval."""
    trip = new_trip(traveller=traveller, plan=told.plan, now=now)
    trip.source, trip.time_known = Trip.Source.SHEET, told.time_known
    trip.save()
    put_plan(trip, told.plan)
    trip.open_hash = append(event=leaves.opened(trip), trip=trip.line, at=now).hash
    ordered(trip, now=now)
    trip.state = State.CONFIRMED
    trip.save()
    put_decision(trip, by=by, step=2, decision="approve", note=told.note, now=now)
    return trip
