"""A sealed picture or paper before somebody's eyes: the diary first, then the bytes."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person, Role
from ledger.services.disclose import Look, Reader, disclose
from trips.models import Trip, Upload
from trips.opening import role_at
from trips.selectors_files import trip_of

PURPOSES = {Role.APPROVER: "approval", Role.AUDITOR: "audit"}


def handed_out(upload: Upload, *, to: Person, source: str, at: datetime) -> bytes:
    """The form that was drawn anew. Looking at one's own leaves no trace."""
    trip = trip_of(upload)
    role = _role(to, trip, at)
    (content,) = disclose(
        reader=Reader(to, role, source),
        looks=[Look(upload.person, "place" if hasattr(upload, "photo") else "times", upload.shown)],
        method="view",
        action="file",
        purpose=PURPOSES.get(Role(role), "settlement"),
        at=at,
        reference=trip.number if trip else "",
    )
    return content


def _role(reader: Person, trip: Trip | None, at: datetime) -> str:
    return role_at(reader, trip, at=at) if trip else Role.TRAVELLER
