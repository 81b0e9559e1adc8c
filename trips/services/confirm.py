"""After the return the approver confirms the trip, so that it may be paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from trips.deciding import decide, ordered
from trips.models import Correction, State, Trip
from trips.writing import locked


@transaction.atomic
def confirm(
    trip: Trip,
    *,
    approver: Person,
    now: datetime,
    note: str = "",
    standing: Mapping[str, Any] | None = None,
) -> Trip:
    """Once back, or once the planned end is over. A trip without order gets its order here.

    *standing* is what the approver was shown of a month's standing sum: no other one is approved.
    """
    trip = locked(trip)
    state = trip.after("confirm")
    if trip.state != State.RETURNED and now < trip.ends_at:
        raise MoveRefused("the trip is neither back nor over", why="trip.not-over")
    if trip.standing != standing:
        raise MoveRefused("not the sum that was shown", why="standing.counted-anew")
    if trip.corrections.filter(state=Correction.State.OPEN).exists():
        raise MoveRefused("a correction is still open", why="correction.open")
    if trip.approved_at is None:
        ordered(trip, now=now)
    decide(trip, by=approver, step=2, decision="approve", note=note, now=now)
    trip.state = state
    trip.save(update_fields=["state", "order_number", "approved_at", "approver"])
    return trip
