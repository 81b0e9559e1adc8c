"""One trip before somebody's eyes. Another person's is written into their diary first."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.shortcuts import get_object_or_404

from accounts.hands import hands_of
from accounts.models import Person, Role
from accounts.selectors import roles_of
from ledger.services.disclose import Look, Reader, disclose
from trips.models import Trip
from trips.selectors import standing, trips_visible_to
from trips.showing import with_all


def opened_for(reader: Person, uid: UUID, *, at: datetime, source: str) -> Trip:
    """The trip, or a 404 in the same words whether it is not there or not theirs to see."""
    trip = get_object_or_404(with_all(trips_visible_to(reader, at=at)), uid=uid)
    note(reader, trip, at=at, source=source)
    return trip


def note(reader: Person, trip: Trip, *, at: datetime, source: str) -> list[bytes]:
    """Write down that *reader* looks at *trip*, and open its statements, oldest first."""
    role = role_at(reader, trip, at=at)
    looks = [Look(trip.traveller, "place" if standing(trip) else "times")]
    boxes = [item.box() for item in trip.items.all()]
    looks += [Look(trip.traveller, "times", box) for box in boxes]
    return disclose(
        reader=Reader(reader, role, source),
        looks=looks,
        method="view",
        action="trip",
        purpose="approval" if role == Role.APPROVER else "settlement",
        at=at,
        reference=trip.number,
    )


def role_at(reader: Person, trip: Trip, *, at: datetime) -> str:
    """In which of their duties they look."""
    if trip.traveller_id == reader.pk:
        return Role.TRAVELLER
    roles = roles_of(reader, at=at)
    if trip.approver_id == reader.pk:
        return Role.APPROVER
    if Role.APPROVER in roles and trip.approver_id in hands_of(reader, at=at).of:
        return Role.APPROVER
    return Role.AUDITOR if Role.AUDITOR in roles else Role.CLERK
