"""The approver is back before the day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.leaves import delegation_changed
from accounts.models import Delegation, Post
from accounts.posting import post
from ledger.services.append import append


@transaction.atomic
def end_delegation(row: Delegation, *, now: datetime) -> None:
    """End it now. One that is over stays as it ended; what was decided stays decided."""
    row = Delegation.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.ended_at or row.until <= now:
        return
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    event = delegation_changed(row, name="delegation-ended")
    append(event=event, at=now, subject=row.person.ref)
    post(row.to, kind=Post.Kind.DELEGATED, dedupe=f"delegation-ended:{row.uid}", now=now)
