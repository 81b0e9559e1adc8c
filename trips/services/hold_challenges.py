"""A phone keeps challenges for touches without a line: few, for one trip, for some days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Device, Person
from trips.models import Challenge, Trip

# Of a device: for one trip, and spare ones for a touch without order.
MOST, SPARE = 5, 2
_LONGEST = timedelta(days=7)
_AFTER = timedelta(hours=24)


@transaction.atomic
def hold_challenges(
    *, person: Person, trip: Trip | None, device: Device | None, count: int, now: datetime
) -> list[Challenge]:
    """Up to *count* that wait for use: those this phone was given already, and new ones.

    Asked again after a lost answer it gives the same ones. They end a day after the trip
    should, and after a week at the latest; for a trip that is over there are none.
    """
    ends_at = min(trip.ends_at + _AFTER, now + _LONGEST) if trip else now + _LONGEST
    life_s = int((ends_at - now).total_seconds())
    if life_s < 1:
        return []
    # Lock the person: two that ask at once must not get twice as many.
    Person.objects.select_for_update().get(pk=person.pk)
    held = Challenge.objects.filter(person=person, trip=trip, device=device, held=True)
    recent = held.filter(used_at=None, issued_at__gt=now - _LONGEST).order_by("pk")
    waiting = [row for row in recent if row.ends_at > now]
    missing = min(count, MOST if trip else SPARE) - len(waiting)
    made = [
        Challenge(person=person, trip=trip, device=device, issued_at=now, life_s=life_s, held=True)
        for _ in range(missing)
    ]
    return [*waiting, *Challenge.objects.bulk_create(made)][:count]
