"""An approver takes a press back within seconds, before the next stage has built on it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from trips.deciding import put_decision
from trips.models import Kind, State, Trip
from trips.writing import locked

# The page offers ten: the rest is for the way.
WINDOW = timedelta(seconds=15)


@transaction.atomic
def take_back(trip: Trip, *, approver: Person, now: datetime) -> Trip:
    """By our clock. Both stay: that it was approved, and that it was taken back."""
    trip = locked(trip)
    last = trip.decisions.order_by("-pk").first()
    if last is None or last.by_id != approver.pk or last.decision != "approve":
        raise NotYours("only who decided last takes it back")
    if now - last.at > WINDOW:
        raise MoveRefused("the time to take it back is over", why="trip.too-late")
    state = trip.after("take_back")
    trip.state = state if state == State.REQUESTED else _state(trip)
    if trip.approved_at == last.at:
        trip.approved_at, trip.order_number = None, ""
    put_decision(trip, by=approver, step=last.step, decision="undone", note="", now=now)
    trip.save(update_fields=["state", "approved_at", "order_number"])
    return trip


def _state(trip: Trip) -> str:
    """Where its touches had brought it."""
    kinds = set(trip.check_ins.filter(withdrawn_at=None).values_list("kind", flat=True))
    if Kind.RETURN in kinds:
        return State.RETURNED
    return State.TRAVELLING if kinds else State.APPROVED
