"""A device no longer speaks for its person. What it signed before stays good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.devices import take_away
from accounts.models import Device, Person
from attest.errors import MoveRefused


@transaction.atomic
def revoke_device(
    device: Device, *, by: Person, now: datetime, since: datetime | None = None
) -> Device:
    """Revoke from *since* on, which is now where nothing is said.

    Revoking it again changes nothing, unless it turns out that it was lost earlier.
    """
    device = Device.objects.select_for_update().select_related("person").get(pk=device.pk)
    if since is not None and not device.enrolled_at <= since <= now:
        raise MoveRefused("a device is lost between its enrolment and now")
    if device.revoked_at is not None and device.revoked_at <= (since or now):
        return device
    return take_away(device, actor=by, since=since, now=now)
