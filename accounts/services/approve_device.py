"""A waiting device becomes live: an older one of its person said yes, or an administrator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.devices import APPROVAL, approval_hash, retire_replaced
from accounts.leaves import device_changed
from accounts.models import Device, Person, Post
from accounts.posting import post
from accounts.step_up import Answer, spend
from attest.errors import StepUpRefused
from ledger.services.append import append


@transaction.atomic
def approve_device(device: Device, *, by: Person, answer: Answer, now: datetime) -> Device:
    """Only a passkey that is live already can vouch for the next: its signature names it."""
    device = Device.objects.select_for_update().select_related("person").get(pk=device.pk)
    if device.state != Device.State.WAITING:
        raise StepUpRefused("this device does not wait")
    spend(by, answer=answer, action=APPROVAL, batch_hash=approval_hash(device), now=now)
    device.state = Device.State.LIVE
    device.save(update_fields=["state"])
    event = device_changed(device, name="approved", actor=by)
    append(event=event, at=now, subject=device.person.ref)
    retire_replaced(device, actor=by, now=now)
    post(device.person, kind=Post.Kind.ACCOUNT, dedupe=f"approved:{device.uid}", now=now)
    return device
