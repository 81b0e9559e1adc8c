"""A person gets a passkey: a key to sign in with, and one that signs touches."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.bound import refuse_synced
from accounts.devices import enrolled, first_state
from accounts.enrolling import Registration
from accounts.models import Device, Person
from attest.errors import RecordMalformed


@transaction.atomic
def enrol_device(person: Person, *, registration: Registration, name: str, now: datetime) -> Device:
    """The first device is live at once; a further one waits until an older one says yes."""
    # Lock the person: of two first devices one comes first.
    Person.objects.select_for_update().get(pk=person.pk)
    if _known(registration):
        raise RecordMalformed("this passkey is already enrolled")
    if registration.synced:
        refuse_synced(person, now=now)
    device = Device.objects.create(
        person=person,
        kind=Device.Kind.PASSKEY,
        name=name,
        credential_id=registration.credential_id,
        public_key=registration.public_key,
        digest=sha256(registration.public_key).digest()[:12],
        synced=registration.synced,
        state=first_state(person),
        enrolled_at=now,
    )
    if registration.credential:
        _ask_for_it_at_sign_in(device, registration)
    return enrolled(device, now=now)


def _known(registration: Registration) -> bool:
    by_id = Device.objects.filter(credential_id=registration.credential_id)
    return (by_id | Device.objects.filter(public_key=registration.public_key)).exists()


def _ask_for_it_at_sign_in(device: Device, registration: Registration) -> None:
    Authenticator.objects.create(
        user=device.person,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": device.name, "credential": dict(registration.credential)},
    )
