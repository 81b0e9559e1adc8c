"""It was no trip: voided with the traveller's own yes, and every exception of it with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from settlement.models import Hold
from settlement.revising import proposed_of
from settlement.selectors import may_settle
from trips.services.void import void
from trips.writing import locked, reasoned

NOT_A_TRIP = "not-a-trip"


@transaction.atomic
def not_a_trip(hold: Hold, *, clerk: Person, reason: str, now: datetime) -> Hold:
    """The yes is the traveller's correction "pressed by mistake"; without it nothing is done."""
    trip = locked(hold.trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to void")
    said = reasoned(reason)
    open_still = Hold.objects.select_for_update().filter(trip=trip)
    rows = list(open_still.exclude(state=Hold.State.RESOLVED).order_by("pk"))
    if hold.pk not in {row.pk for row in rows}:
        raise MoveRefused("resolved already", why="hold.resolved")
    if any(proposed_of(row) for row in rows):
        raise MoveRefused("a second clerk has to decide on a change first", why="hold.for-two")
    void(trip, clerk=clerk, reason=said, now=now)
    for row in rows:
        row.state, row.resolution_code = Hold.State.RESOLVED, NOT_A_TRIP
        row.resolution_note, row.resolved_at, row.resolved_by = said, now, clerk
        row.save()
    return next(row for row in rows if row.pk == hold.pk)
