"""A touch is taken back within seconds. It stays; that it was taken back is added."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from ledger.services.revoke import revoke
from trips import leaves
from trips.models import CheckIn, Kind, State, Trip
from trips.writing import locked

WINDOW = timedelta(seconds=15)


@transaction.atomic
def withdraw(touch: CheckIn, *, person: Person, now: datetime) -> CheckIn:
    """By our clock, 15 seconds after receipt at most: the phone's clock has no say."""
    trip = locked(touch.trip)
    touch = CheckIn.objects.get(pk=touch.pk)
    touch.trip = trip
    if trip.traveller_id != person.pk:
        raise NotYours("only the traveller takes a touch back")
    if touch.withdrawn_at is not None:
        return touch
    if now - touch.recorded_at > WINDOW:
        raise MoveRefused("the time to take it back is over")
    touch.withdrawn_at = now
    touch.save(update_fields=["withdrawn_at"])
    # They wait for the next touch of the trip.
    touch.papers.update(check_in=None)
    revoke(bytes(touch.cti), issued_at=touch.recorded_at)
    append(event=leaves.taken_back(touch, actor=person.ref, reason="undo"), trip=trip.line, at=now)
    if trip.state in {State.TRAVELLING, State.RETURNED}:
        kinds = set(trip.check_ins.filter(withdrawn_at=None).values_list("kind", flat=True))
        trip.state = _state(trip, kinds)
        trip.save(update_fields=["state"])
    return touch


def _state(trip: Trip, kinds: set[str]) -> str:
    """As the touches say that still stand; without one, where the trip stood before."""
    if Kind.RETURN in kinds:
        return State.RETURNED
    if kinds:
        return State.TRAVELLING
    if trip.approved_at is not None:
        return State.APPROVED
    return State.REQUESTED if trip.requested_at is not None else State.DRAFT
