"""What several deeds around devices share."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from allauth.mfa.models import Authenticator

from accounts.leaves import device_changed
from accounts.models import Device, Person, Post
from accounts.passkeys import b64
from accounts.posting import post
from ledger.services.append import append

APPROVAL = "device-approval"


def approval_hash(device: Device) -> bytes:
    """What an older device signs to let this one in."""
    return sha256(b"tripseal/device/1\0" + bytes(device.public_key)).digest()


def first_state(person: Person) -> Device.State:
    """The first device is live at once; a further one waits until somebody says yes."""
    live = Device.objects.filter(person=person, state=Device.State.LIVE).exists()
    return Device.State.WAITING if live else Device.State.LIVE


def enrolled(device: Device, *, now: datetime) -> Device:
    """Its leaf; and where it is live already, the key it stands for retires."""
    append(
        event=device_changed(device, name="enrolled", actor=device.person),
        at=now,
        subject=device.person.ref,
    )
    post(device.person, kind=Post.Kind.ACCOUNT, dedupe=f"device:{device.uid}", now=now)
    if device.state == Device.State.LIVE:
        retire_replaced(device, actor=device.person, now=now)
    return device


def retire_replaced(device: Device, *, actor: Person, now: datetime) -> None:
    """The key of the same browser before this one: what it signed until now stays good."""
    old = device.replaces
    if old is None or old.state != Device.State.LIVE:
        return
    old.state, old.revoked_at = Device.State.RETIRED, now
    old.save(update_fields=["state", "revoked_at"])
    append(event=device_changed(old, name="retired", actor=actor), at=now, subject=old.person.ref)


def take_away(
    device: Device, *, actor: Person | None, now: datetime, since: datetime | None = None
) -> Device:
    """Mark it revoked, stop asking for it at sign-in, and leave its leaf."""
    device.state, device.revoked_at = Device.State.REVOKED, since or now
    device.save(update_fields=["state", "revoked_at"])
    if device.credential_id:
        Authenticator.objects.filter(
            user_id=device.person_id,
            type=Authenticator.Type.WEBAUTHN,
            data__credential__id=b64(bytes(device.credential_id)),
        ).delete()
    event = device_changed(device, name="revoked", actor=actor, since=since)
    append(event=event, at=now, subject=device.person.ref)
    post(device.person, kind=Post.Kind.ACCOUNT, dedupe=f"revoked:{device.uid}", now=now)
    return device
