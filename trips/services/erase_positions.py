"""Exact positions are erased: leaf, openings, columns and doomed keys in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from ledger.erasing import doom, erase_openings, places_of
from ledger.retention import announce_policy
from trips.erasing import empty, keys_in, leaves_of, photo_files_of
from trips.models import Trip
from vault.sealed.files import remove


@transaction.atomic
def erase_positions(
    trips: Collection[int], *, reason: str, who: Mapping[str, str], subject: str, now: datetime
) -> tuple[int, int, int]:
    """Of the trips with these keys; how many trips, touches and leaves it was.

    A trip with a leaf that has no place in the log yet is left for the next time: its
    erasure could not say which leaf. *reason* is ``retention``, ``withdrawal`` or ``order``;
    *who* did it, sealed under the keys of *subject*.
    """
    rows = Trip.objects.select_for_update(of=("self",)).filter(pk__in=trips)
    held = list(rows.select_related("traveller").order_by("pk"))
    opened = leaves_of(held)
    placed = places_of([one for found in opened.values() for one in found])
    ready = [trip for trip in held if opened[trip.pk].keys() <= placed.keys()]
    if not ready:
        return 0, 0, 0
    hashes = {one: placed[one] for trip in ready for one in opened[trip.pk]}
    policy = announce_policy(at=now)
    doom([*keys_in(ready), *(key for trip in ready for key in opened[trip.pk].values())], at=now)
    leaves = erase_openings(
        hashes,
        group="loc",
        reason=reason,
        policy=policy.name,
        who=who,
        subject=subject,
        at=now,
    )
    touches = empty(ready)
    # A photo shows where it was taken. Its file goes once nothing can call it back.
    photos = photo_files_of(ready)
    transaction.on_commit(lambda: remove(*photos))
    Trip.objects.filter(pk__in=[trip.pk for trip in ready]).update(erased_at=now)
    return len(ready), touches, leaves
