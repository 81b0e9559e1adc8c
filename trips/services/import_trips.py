"""A sheet of trips becomes drafts, each for its traveller to look at and request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, Person
from attest.errors import BatchChanged
from trips.models import State, Trip
from trips.plan import Plan
from trips.sheet_plan import SheetPlan, Step, plan_of
from trips.sheets import Entry
from trips.writing import locked, new_trip, put_plan


@transaction.atomic
def import_trips(
    organisation: Organisation,
    *,
    entries: Sequence[Entry],
    digest: bytes,
    now: datetime,
) -> SheetPlan:
    """Apply exactly the plan whose *digest* was previewed, all of it or nothing.

    Refused rows stay out. A draft commits nobody, so the log hears of it when it is requested.
    """
    plan = plan_of(organisation, entries, now=now)
    if plan.digest != digest:
        raise BatchChanged("the trips of this sheet have changed since it was looked at")
    for step in plan.steps:
        if step.plan and step.traveller and step.fate in {"new", "changed"}:
            trip = _draft(step, step.traveller, step.plan, now)
            put_plan(trip, step.plan)
            trip.save()
    return plan


def _draft(step: Step, traveller: Person, plan: Plan, now: datetime) -> Trip:
    """The draft to write over, its row held; or a new one."""
    if step.trip is None:
        trip = new_trip(traveller=traveller, plan=plan, now=now)
        trip.save()
        return trip
    trip = locked(step.trip)
    if trip.state != State.DRAFT:
        raise BatchChanged("a draft of this sheet was requested meanwhile")
    return trip
