"""Who was with a traveller: along on the trip, by the same phone, or always a step behind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, BinaryField, DateTimeField, Q, QuerySet
from django.utils.timezone import localdate

from accounts.models import Person
from attest.record import Fix
from trips import shadows
from trips.models import CheckIn, Companion, SharedPhone, Trip
from trips.shadows import Seen
from vault.prepared import Prepared

_PK, _AT, _MARK = BigIntegerField(), DateTimeField(), BinaryField()
_DAY = timedelta(days=1)
# As far back, and as many touches, as are asked about a phone beside this one.
_LATELY, _LATEST = timedelta(days=90), 20
_MOST = 1_000
_HERE = [f"here_{number}" for number in range(shadows.SQUARES)]
_THEN = [f"then_{number}" for number in range(shadows.SQUARES)]


def companions_of(trip: Trip) -> set[int]:
    """Who travels along: whom this trip names, and who names its traveller at the same time."""
    found = _ALONG(
        trip=trip.pk,
        traveller=trip.traveller_id,
        office=trip.traveller.organisation_id,
        starts_at=trip.starts_at,
        ends_at=trip.ends_at,
    )
    return {person.pk for person in found}


def declared(browser: bytes, users: Sequence[tuple[int, datetime]]) -> bool:
    """Whether each of *users* was named for the day they touched, and before they did."""
    days = {localdate(at) for _, at in users}
    rows = SharedPhone.objects.filter(browser=browser, day__in=days).prefetch_related("people")
    said = [
        (row.day, row.declared_at, {row.keeper_id, *(one.pk for one in row.people.all())})
        for row in rows
    ]
    return all(
        any(
            day == localdate(at) and declared_at < at and person in people
            for day, declared_at, people in said
        )
        for person, at in users
    )


def shadows_of(
    trip: Trip, around: Sequence[bytes], beside: set[int], *, key: bytes, at: datetime
) -> set[int]:
    """Who of *beside* was near at every touch of the last orders; the traveller's are opened.

    Most who stand beside somebody stood elsewhere the time before: that is asked first.
    """
    since = at - _LATELY
    walked = _WALKED(traveller=trip.traveller_id, since=since)
    mine = {row.pk: _seen(row, trip.traveller_id) for row in walked}
    mine[0] = Seen(trip.traveller_id, trip.pk, localdate(at), b"")
    if not shadows.enough(mine.values()):
        return set()
    last, *older = walked
    reach = {last.pk: _reach(last, key)}
    squares = dict(zip(_HERE, around, strict=True)) | dict(zip(_THEN, reach[last.pk], strict=True))
    again = [_of_another(row) for row in _AGAIN(since=since, today=at - _DAY, **squares)]
    left = beside & shadows.near_at_each(reach, {last.pk: mine[last.pk]}, again)
    if not left:
        return set()
    reach |= {row.pk: _reach(row, key) for row in older} | {0: list(around)}
    return shadows.near_at_each(reach, mine, _near(reach, left, since=since))


def _near(reach: Mapping[int, Sequence[bytes]], people: set[int], *, since: datetime) -> list[Seen]:
    squares = {square for squares in reach.values() for square in squares}
    rows = CheckIn.objects.filter(near_mark__in=squares, recorded_at__gte=since)
    rows = rows.filter(withdrawn_at=None, trip__traveller__in=people).select_related("trip")
    return [_of_another(row) for row in rows.order_by("-pk")[:_MOST]]


def _reach(row: CheckIn, key: bytes) -> list[bytes]:
    kept = json.loads(row.box("best_fix").open())  # type: ignore[union-attr]  # asked for with one
    return shadows.marks_around(Fix(kept["lat_e7"], kept["lon_e7"], kept["acc_cm"], 0, 0), key=key)


def _of_another(row: CheckIn) -> Seen:
    return _seen(row, row.trip.traveller_id)


def _seen(row: CheckIn, person: int) -> Seen:
    return Seen(person, row.trip_id, localdate(row.made_at), bytes(row.near_mark or b""))


def _along(
    trip: int, traveller: int, office: int, starts_at: datetime, ends_at: datetime
) -> QuerySet[Person]:
    there = Trip.objects.filter(traveller__organisation=office)
    there = there.filter(starts_at__lte=ends_at, ends_at__gte=starts_at)
    naming = there.filter(companions__person=traveller).values("traveller")
    named = Companion.objects.filter(trip=trip).values("person")
    return Person.objects.filter(Q(pk__in=named) | Q(pk__in=naming)).only("pk")


def _walked(traveller: int, since: datetime) -> QuerySet[CheckIn]:
    own = CheckIn.objects.filter(trip__traveller=traveller, withdrawn_at=None)
    own = own.filter(recorded_at__gte=since, best_fix__isnull=False)
    told = own.only("uid", "trip", "recorded_at", "claimed_at", "best_fix", "near_mark")
    return told.order_by("-recorded_at", "-pk")[:_LATEST]


def _again(since: datetime, today: datetime, **squares: bytes) -> QuerySet[CheckIn]:
    """Touches on the squares of *then*, by whoever touched today on those *here* as well."""
    standing = CheckIn.objects.filter(withdrawn_at=None)
    now = standing.filter(near_mark__in=[squares[one] for one in _HERE], recorded_at__gte=today)
    then = standing.filter(near_mark__in=[squares[one] for one in _THEN], recorded_at__gte=since)
    both = then.filter(trip__traveller__in=now.order_by().values("trip__traveller"))
    told = both.select_related("trip").only(
        "recorded_at", "claimed_at", "near_mark", "trip__traveller"
    )
    return told.order_by("-pk")[:_MOST]


_ALONG = Prepared(_along, trip=_PK, traveller=_PK, office=_PK, starts_at=_AT, ends_at=_AT)
_WALKED = Prepared(_walked, traveller=_PK, since=_AT)
_AGAIN = Prepared(_again, since=_AT, today=_AT, **dict.fromkeys([*_HERE, *_THEN], _MARK))
