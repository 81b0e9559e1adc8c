"""What the leaves about people say (log.md §3): everything personal stays in ``who``."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Delegation, Device, Grant, Person
from attest.log.leaf import ConfigChanged, time_text


def device_changed(
    device: Device, *, name: str, actor: Person | None, since: datetime | None = None
) -> ConfigChanged:
    """*name* is enrolled, approved, retired or revoked; *since* when that is not at once."""
    digest = bytes(device.digest).hex()
    who = _actor(actor) | {"person": device.person.ref, "device": digest}
    from_ = time_text(since) if since else None
    return ConfigChanged(subject="device", name=name, who=who, from_=from_)


def role_changed(
    grant: Grant, *, name: str, actor: Person | None, since: datetime | None = None
) -> ConfigChanged:
    """*name* is granted or ended; *since* when that is not at once."""
    who = _actor(actor) | {"person": grant.person.ref, "role": str(grant.role)}
    if grant.scope:
        who["scope"] = f"dept-{grant.scope.pk}"
    from_ = time_text(since) if since else None
    return ConfigChanged(subject="roles", name=name, who=who, from_=from_)


def password_issued(person: Person, *, actor: Person | None) -> ConfigChanged:
    who = _actor(actor) | {"person": person.ref}
    return ConfigChanged(subject="setting", name="password", who=who)


def _actor(actor: Person | None) -> dict[str, str]:
    # Nobody's ref stands there when the command line did it.
    return {"actor": actor.ref if actor else "command"}


def delegation_changed(row: Delegation, *, name: str) -> ConfigChanged:
    """*name* is delegated or delegation-ended; both are the delegator's own deed."""
    who = {"actor": row.person.ref, "person": row.person.ref, "to": row.to.ref}
    return ConfigChanged(subject="roles", name=name, who=who, from_=time_text(row.since))


def mail_changed(person: Person) -> ConfigChanged:
    who = _actor(person) | {"person": person.ref}
    return ConfigChanged(subject="setting", name="mail", who=who)
