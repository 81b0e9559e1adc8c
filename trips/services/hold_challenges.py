"""A phone keeps challenges for touches without a line: few, for one trip, for some days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Device, Person
from trips.models import Challenge, Trip

# Of a device: for one trip, and spare ones for a touch without order.
MOST, SPARE = 5, 2
# So many for one trip of a person, whichever browsers ask: one that keeps no cookie is a new
# one each time.
ALTOGETHER = 4 * MOST
_LONGEST = timedelta(days=7)
_AFTER = timedelta(hours=24)


@transaction.atomic
def hold_challenges(
    *,
    person: Person,
    trip: Trip | None,
    device: Device | None,
    browser: bytes,
    count: int,
    now: datetime,
) -> list[Challenge]:
    """Up to *count* that wait for use: those this browser was given already, and new ones.

    Asked again after a lost answer it gives the same ones, and never those of another browser
    while there are any left to give: what both have signed is one touch and a replay. They end
    a day after the trip should, and after a week at the latest; for a trip that is over there
    are none.
    """
    ends_at = min(trip.ends_at + _AFTER, now + _LONGEST) if trip else now + _LONGEST
    life_s = int((ends_at - now).total_seconds())
    if life_s < 1:
        return []
    # Lock the person: two that ask at once must not get twice as many.
    Person.objects.select_for_update().get(pk=person.pk)
    held = Challenge.objects.filter(person=person, trip=trip, held=True)
    recent = held.filter(used_at=None, issued_at__gt=now - _LONGEST).order_by("pk")
    every = [row for row in recent if row.ends_at > now]
    own = device.pk if device else None
    fitting = [row for row in every if row.device_id == own]
    waiting = [row for row in fitting if row.browser and bytes(row.browser) == browser]
    if len(every) >= ALTOGETHER and not waiting:
        # Better one that another browser may have used than none: no touch is held up.
        waiting = fitting
    missing = min(count, MOST if trip else SPARE) - len(waiting)
    made = [
        Challenge(
            person=person,
            trip=trip,
            device=device,
            browser=browser,
            issued_at=now,
            life_s=life_s,
            held=True,
        )
        for _ in range(min(missing, ALTOGETHER - len(every)))
    ]
    return [*waiting, *Challenge.objects.bulk_create(made)][:count]
