"""Data keys that sealed erased positions are destroyed, once nothing else needs them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.models import Doomed
from trips.erasing import is_needed, nobody_seals
from vault.sealed import KeyName, shred


def shred_keys(*, now: datetime) -> tuple[int, int]:
    """How many are gone now, and how many others of the same month still need.

    Looked at and destroyed while nobody seals, one key at a time. Killed after the file is
    gone and before the row says so, the next run finds no file, and says so then.
    """
    gone = waiting = 0
    for name in list(Doomed.objects.filter(destroyed_at=None).values_list("key", flat=True)):
        key = KeyName.read(name)
        with transaction.atomic():
            nobody_seals()
            if is_needed(key):
                waiting += 1
                continue
            shred.destroy(key)
            Doomed.objects.filter(key=name).update(destroyed_at=now)
            gone += 1
    return gone, waiting
