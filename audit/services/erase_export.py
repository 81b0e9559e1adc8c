"""The record of an export whose time is over goes, with who asked for it in the log."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit.models import Export
from ledger.erasing import erase_openings, openings_of, places_of
from ledger.retention import announce_policy


@transaction.atomic
def erase_export(export: Export, *, now: datetime) -> int:
    """1 if it is gone, 0 where one of its leaves still waits for its place."""
    done = bytes(export.done_hashes)
    hashes = [bytes(export.request_hash)]
    hashes += [done[at : at + 32] for at in range(0, len(done), 32)]
    opened = openings_of(hashes, group="id")
    placed = places_of(opened)
    if opened.keys() - placed.keys():
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
    Export.objects.filter(pk=export.pk).delete()
    return 1
