"""The exact positions of trips: where they lie, under which keys, and how they are emptied.

    trips_checkin     record, best_fix, token       trips_assessment   facts
    trips_tripstop    point                         ledger_opening     group loc of the leaves

What stays of a touch: when, the place in words, the verdict with its reasons, the marks of
the burst, and its hash in the log, by which a receipt on paper still proves itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.erasing import openings_of
from ledger.models import TripHead
from trips.models import Assessment, CheckIn, Photo, Trip, TripStop, Upload
from vault.sealed import KeyName
from vault.sealed.files import FileBox

AT_ONCE = 40


def with_positions(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """Those of *trips* that hold something of the group ``loc``."""
    here = OuterRef("pk")
    touches = CheckIn.objects.filter(trip=here).exclude(token=None)
    stops = TripStop.objects.filter(trip=here).exclude(point=None)
    weighed = Assessment.objects.filter(check_in__trip=here).exclude(facts=None)
    in_the_log = Q(open_hash__isnull=False, erased_at=None)
    return trips.filter(Exists(touches) | Exists(stops) | Exists(weighed) | in_the_log)


def leaves_of(trips: Sequence[Trip]) -> dict[int, dict[bytes, str]]:
    """By trip: its leaves that still open their position, with the data key of each."""
    heads = TripHead.objects.filter(pk__in=[trip.log_id for trip in trips])
    by_id = {head.pk: bytes(head.hashes) for head in heads}
    told = {trip.pk: _each(by_id.get(trip.log_id, b"")) for trip in trips}
    found = openings_of([one for hashes in told.values() for one in hashes], group="loc")
    return {pk: {one: found[one] for one in hashes if one in found} for pk, hashes in told.items()}


def keys_in(trips: Sequence[Trip]) -> Iterator[str]:
    """The data keys under which rows of *trips* lie sealed, of positions alone."""
    pks = [trip.pk for trip in trips]
    for touch in CheckIn.objects.filter(trip__in=pks).iterator():
        boxes = [touch.box(name) for name in ("record", "best_fix", "token")]
        yield from (str(box.key_name) for box in boxes if box)
    for assessment in Assessment.objects.filter(check_in__trip__in=pks).iterator():
        if assessed := assessment.box():
            yield str(assessed.key_name)
    for stop in TripStop.objects.filter(trip__in=pks).iterator():
        if planned := stop.box():
            yield str(planned.key_name)


def photo_files_of(trips: Sequence[Trip]) -> list[FileBox]:
    """The files of photos taken at touches of *trips*; their hashes stay in the log."""
    rows = Photo.objects.filter(check_in__trip__in=[trip.pk for trip in trips])
    return [box for row in rows.select_related("upload") for box in _files_of(row.upload)]


def _files_of(upload: Upload) -> tuple[FileBox, FileBox]:
    return upload.shown, upload.original


def empty(trips: Sequence[Trip]) -> int:
    """Every column of *trips* that holds a position; how many touches had one or a receipt."""
    pks = [trip.pk for trip in trips]
    touches = CheckIn.objects.filter(trip__in=pks).exclude(token=None)
    count = touches.update(
        record=None,
        best_fix=None,
        token=None,
        accuracy_m=None,
        planned_m=None,
        point_mark=None,
        near_mark=None,
    )
    Assessment.objects.filter(check_in__trip__in=pks).update(facts=None)
    TripStop.objects.filter(trip__in=pks).update(point=None)
    return count


def is_needed(key: KeyName) -> bool:
    """Whether anything still lies sealed under *key*. Its person's trips are all there is."""
    trips = Trip.objects.filter(traveller__ref=key.subject)
    name = str(key)
    # What was never erased is asked first: mostly that is the answer.
    for batch in _batches(with_positions(trips).order_by("pk")):
        if any(found == name for found in keys_in(batch)):
            return True
        if any(name in opened.values() for opened in leaves_of(batch).values()):
            return True
    return False


def nobody_seals() -> None:
    """Within this transaction no other can seal a position: each holds or writes a trip first.

    SQLite has one writer at a time anyway, from the first statement on.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE trips_trip IN EXCLUSIVE MODE")


def _each(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + 32] for at in range(0, len(hashes), 32)]


def _batches(trips: QuerySet[Trip]) -> Iterator[list[Trip]]:
    last = 0
    while batch := list(trips.filter(pk__gt=last)[:AT_ONCE]):
        yield batch
        last = batch[-1].pk
