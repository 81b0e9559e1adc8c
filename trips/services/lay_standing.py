"""The row that a month's standing sum is paid by: ordered, and before its approver."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from attest.values import month_bounds
from ledger.services.append import append
from trips import leaves
from trips.deciding import ordered
from trips.models import State, Trip, Vehicle
from trips.plan import Plan
from trips.standing import hold_days_of
from trips.writing import approver_of, held, new_trip

# Read by people in a list of trips, and kept in the log as it is.
PURPOSE = "월액여비"


@transaction.atomic
def lay_standing(
    person: Person, *, facts: Mapping[str, Any], by: Person, now: datetime
) -> Trip | None:
    """*facts* as the claim has them. None where they stand already, or are settled.

    Of facts that changed since the approver says yes again; the row stays the same one.
    """
    if person.pk == by.pk:
        raise NotYours("nobody lays a sum of their own")
    start, end = month_bounds(facts["month"])
    if now < end:
        raise MoveRefused("this month is not over", why="month.not-over")
    # Two that lay at once must not both find none.
    hold_days_of(person.pk)
    known = held().filter(traveller=person, starts_at=start, standing__isnull=False)
    known = known.exclude(state__in=[State.CANCELLED, State.VOIDED])
    if trip := known.first():
        return _changed(trip, facts, by=by, now=now)
    approver = approver_of(person, now=now)
    if approver is None:
        raise MoveRefused("nobody may approve for this person", why="trip.no-approver")
    plan = Plan(
        purpose=f"{PURPOSE} {facts['month']}",
        starts_at=start,
        ends_at=end - timedelta(minutes=1),
        vehicle=Vehicle.TRANSIT,
        approver=approver,
        stops=(),
    )
    trip = new_trip(traveller=person, plan=plan, now=now)
    trip.source, trip.standing = Trip.Source.STANDING, dict(facts)
    trip.state = State.APPROVED
    ordered(trip, now=now)
    trip.save()
    trip.open_hash = append(event=leaves.opened(trip), trip=trip.line, at=now).hash
    trip.save(update_fields=["open_hash"])
    return trip


def _changed(trip: Trip, facts: Mapping[str, Any], *, by: Person, now: datetime) -> Trip | None:
    if trip.state == State.SETTLED or trip.standing == facts:
        return None
    trip.standing = dict(facts)
    if trip.state == State.CONFIRMED:
        trip.state = trip.after("take_back")
    trip.save(update_fields=["standing", "state"])
    new = {"item": "standing", **facts}
    event = leaves.corrected(trip, actor=by.ref, reason="counted again", new=new)
    append(event=event, trip=trip.line, at=now)
    return trip
