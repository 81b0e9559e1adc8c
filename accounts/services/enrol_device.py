"""A person gets a passkey: a key to sign in with, and one that signs touches."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.enrolling import Registration
from accounts.leaves import device_changed
from accounts.models import Device, Person, Post
from accounts.posting import post
from attest.errors import RecordMalformed
from ledger.services.append import append


@transaction.atomic
def enrol_device(person: Person, *, registration: Registration, name: str, now: datetime) -> Device:
    """The first device is live at once; a further one waits until an older one says yes."""
    # Lock the person: of two first devices one comes first.
    Person.objects.select_for_update().get(pk=person.pk)
    if _known(registration):
        raise RecordMalformed("this passkey is already enrolled")
    device = Device.objects.create(
        person=person,
        kind=Device.Kind.PASSKEY,
        name=name,
        credential_id=registration.credential_id,
        public_key=registration.public_key,
        digest=sha256(registration.public_key).digest()[:12],
        synced=registration.synced,
        state=_first_state(person),
        enrolled_at=now,
    )
    if registration.credential:
        _ask_for_it_at_sign_in(device, registration)
    append(
        event=device_changed(device, name="enrolled", actor=person),
        at=now,
        subject=person.ref,
    )
    post(person, kind=Post.Kind.ACCOUNT, dedupe=f"device:{device.uid}", now=now)
    return device


def _known(registration: Registration) -> bool:
    by_id = Device.objects.filter(credential_id=registration.credential_id)
    return (by_id | Device.objects.filter(public_key=registration.public_key)).exists()


def _first_state(person: Person) -> Device.State:
    live = Device.objects.filter(person=person, state=Device.State.LIVE).exists()
    return Device.State.WAITING if live else Device.State.LIVE


def _ask_for_it_at_sign_in(device: Device, registration: Registration) -> None:
    Authenticator.objects.create(
        user=device.person,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": device.name, "credential": dict(registration.credential)},
    )
