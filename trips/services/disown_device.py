"""A lost phone: its key counts for nothing from a moment on, and so does what it signed since."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Device, Person
from accounts.services.revoke_device import revoke_device
from attest.errors import KeyGone
from ledger.services.append import append
from trips import leaves
from trips.models import CheckIn
from trips.reweighing import said_of, weigh_as
from trips.touching import weighed_by
from trips.writing import locked


@transaction.atomic
def disown_device(device: Device, *, by: Person, since: datetime, now: datetime) -> list[CheckIn]:
    """Revoke it from *since* on, and weigh anew every touch it made after that.

    What it signed before stays good, whenever it came in. The earlier answers stay beside
    the new ones; a payment that was made is not touched.
    """
    device = revoke_device(device, by=by, since=since, now=now)
    made = CheckIn.objects.filter(device=device, recorded_at__gte=since)
    made = made.select_related("trip__traveller").order_by("pk")
    return [t for t in made if t.made_at >= since and _weighed_anew(t, by=by, now=now)]


def _weighed_anew(touch: CheckIn, *, by: Person, now: datetime) -> bool:
    """Whether there was something left to weigh: positions may have been erased meanwhile."""
    # Held: an erasure that comes in between would be undone by sealing the old facts again.
    touch.trip = locked(touch.trip)
    try:
        facts = weighed_by(touch)
    except KeyGone:
        return False
    if facts is None:
        return False
    signer = facts["signer"] | {"revoked": True}
    said = said_of(weigh_as(touch, facts | {"signer": signer}, now=now))
    event = leaves.corrected(
        touch.trip, actor=by.ref, reason="device-revoked", new=said, touch=touch
    )
    append(event=event, trip=touch.trip.line, at=now)
    return True
