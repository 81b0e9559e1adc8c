"""The server asks: 32 random bytes that a touch must sign, bound to who and for which trip."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Device, Person
from trips.models import Challenge, Trip
from trips.weighing import version_at

LIFE_S = 600


def issue_challenges(
    *, person: Person, trip: Trip | None, count: int, now: datetime, device: Device | None = None
) -> list[Challenge]:
    """*count* live challenges of 600 seconds, each good for one touch."""
    # Known to this process before the touch comes: that one asks for it no more.
    version_at(now)
    rows = [
        Challenge(person=person, trip=trip, device=device, issued_at=now, life_s=LIFE_S)
        for _ in range(count)
    ]
    return Challenge.objects.bulk_create(rows)
