"""Everything that can be read of somebody's positions, and what is due of it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from ledger.models import Opening, TripHead
from trips.models import Assessment, CheckIn, Trip, TripStop
from vault.sealed import Box


def sealed_of(trip: Trip) -> list[Box]:
    """Every box that holds a position of *trip*, or the receipt round it."""
    touches = CheckIn.objects.filter(trip=trip)
    boxes = [one.box(name) for one in touches for name in ("record", "best_fix", "token")]
    boxes += [one.box() for one in Assessment.objects.filter(check_in__trip=trip)]
    boxes += [one.box() for one in TripStop.objects.filter(trip=trip)]
    return [box for box in boxes if box is not None]


def opened_leaves(trip: Trip) -> set[bytes]:
    """The leaves of *trip* that still open where."""
    hashes = bytes(TripHead.objects.get(pk=trip.log_id).hashes)
    own = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    rows = Opening.objects.filter(group="loc", leaf_hash__in=own)
    return set(map(bytes, rows.values_list("leaf_hash", flat=True)))


def key_file(trip: Trip) -> Path:
    return Path(settings.SHRED_STORE) / trip.traveller.ref / f"{trip.month}.loc"
