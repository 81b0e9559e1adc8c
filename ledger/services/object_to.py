"""Somebody says that a look at them was not right. It is in the log that they did."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from attest.errors import MoveRefused
from attest.log.leaf import ConfigChanged
from ledger.models import AccessSubject, Objection
from ledger.outbox import put


@transaction.atomic
def object_to(look: AccessSubject, *, reason: str, now: datetime) -> Objection:
    """Once for a look, with a reason; the answer comes from somebody who did not look."""
    held = AccessSubject.objects.select_for_update(of=("self",)).select_related("person")
    look = held.get(pk=look.pk)
    if not (said := reason.strip()):
        raise MoveRefused("an objection needs a reason")
    if Objection.objects.filter(look=look).exists():
        raise MoveRefused("there is an objection to this look already")
    who = {"actor": look.person.ref}
    event = ConfigChanged(subject="setting", name="objection-made", who=who)
    put(event=event, at=now, subject=look.person.ref)
    return Objection.objects.create(look=look, reason=said[:500], at=now)
