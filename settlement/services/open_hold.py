"""A clerk holds a trip because of what the engine warns of, or of what two decided of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from settlement.models import Hold
from settlement.paying import for_judging, judge
from settlement.selectors import may_settle
from trips.models import State, Trip
from trips.writing import locked

# Two clerks said by what it is computed; that can be looked into again.
DECIDED = "claim.facts-decided"


@transaction.atomic
def open_hold(trip: Trip, *, clerk: Person, warning: str, now: datetime) -> Hold:
    """The open exception of that warning; a warning that the engine does not give opens none."""
    trip = locked(trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to hold")
    if trip.state == State.SETTLED:
        raise MoveRefused("its settlement is taken back first", why="trip.paid")
    note = _note(trip, warning)
    known = Hold.objects.filter(trip=trip, reason_code=warning)
    if held := known.exclude(state=Hold.State.RESOLVED).first():
        return held
    return Hold.objects.create(trip=trip, reason_code=warning, note=note, at=now, by=clerk)


def _note(trip: Trip, warning: str) -> str:
    """What the engine says beside its warning."""
    if warning == DECIDED and trip.decided:
        return ""
    read = for_judging(Trip.objects.filter(pk=trip.pk)).get()
    own = judge(read).sum.own
    said = next((one for one in own.get("warnings", []) if one["code"] == warning), None)
    if said is None:
        raise MoveRefused("there is no such warning of this trip")
    return str(said["ko"])[:500]
