"""A browser gets a key of its own: it signs touches where no passkey can."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.device_keys import digest_of
from accounts.devices import enrolled, first_state
from accounts.models import Device, Person
from accounts.vouching import PASSKEY
from attest.errors import RecordMalformed


@transaction.atomic
def enrol_device_key(
    person: Person,
    *,
    public_key: bytes,
    name: str,
    replaces: Device | None,
    signed_in_by: str,
    now: datetime,
) -> Device:
    """Live at once for who signed in by a passkey, and as the first of a person; else it waits.

    A browser loses its key after some days without use: the new one comes in, and the old
    one it *replaces* retires.
    """
    # Lock the person: of two first devices one comes first.
    Person.objects.select_for_update().get(pk=person.pk)
    if Device.objects.filter(public_key=public_key).exists():
        raise RecordMalformed("this key is already enrolled")
    device = Device.objects.create(
        person=person,
        kind=Device.Kind.DEVICE_KEY,
        name=name,
        public_key=public_key,
        digest=digest_of(public_key),
        state=Device.State.LIVE if signed_in_by == PASSKEY else first_state(person),
        enrolled_at=now,
        replaces=replaces,
    )
    return enrolled(device, now=now)
