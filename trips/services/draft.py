"""A trip is written down. Nobody decides yet, and the log says nothing yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from trips.models import Trip
from trips.plan import Plan
from trips.writing import new_trip, put_plan


@transaction.atomic
def draft(*, traveller: Person, plan: Plan, now: datetime) -> Trip:
    trip = new_trip(traveller=traveller, plan=plan, now=now)
    trip.save()
    put_plan(trip, plan)
    trip.save(update_fields=["policy"])
    return trip
