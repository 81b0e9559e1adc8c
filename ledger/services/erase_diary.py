"""Entries of the access diary whose time is over go, with what their leaves hide."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.erasing import erase_openings, openings_of, places_of
from ledger.models import Access, AccessSubject
from ledger.retention import announce_policy

AT_ONCE = 300


@transaction.atomic
def erase_diary(*, before: datetime, now: datetime) -> int:
    """The oldest entries up to *before*, a few hundred at a time; how many it was."""
    old = list(Access.objects.filter(at__lte=before).order_by("at", "pk")[:AT_ONCE])
    hashes = [bytes(row.leaf_hash) for row in old]
    opened = openings_of(hashes, group="id")
    placed = places_of(opened)
    # One whose leaf waits for its place has to wait with it.
    waiting = opened.keys() - placed.keys()
    ready = [row for row in old if bytes(row.leaf_hash) not in waiting]
    if not ready:
        return 0
    policy = announce_policy(at=now)
    erase_openings(
        placed,
        group="id",
        reason="retention",
        policy=policy.name,
        who={"actor": "retention"},
        subject="org-log",
        at=now,
    )
    AccessSubject.objects.filter(access__in=ready).delete()
    Access.objects.filter(pk__in=[row.pk for row in ready]).delete()
    return len(ready)
