"""A device no longer speaks for its person. What it signed before stays good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.devices import take_away
from accounts.models import Device, Person


@transaction.atomic
def revoke_device(device: Device, *, by: Person, now: datetime) -> Device:
    """Revoke from *now* on; revoking it again changes nothing."""
    device = Device.objects.select_for_update().select_related("person").get(pk=device.pk)
    if device.state == Device.State.REVOKED:
        return device
    return take_away(device, actor=by, now=now)
