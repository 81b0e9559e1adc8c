"""The trip of a scanned code, read as narrowly as the station can judge it."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BigIntegerField,
    BinaryField,
    CharField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
)

from accounts.models import Person
from ledger.selectors import entry_of
from settlement.models import Hold, Verification
from settlement.paying import at_the_desk, for_judging
from settlement.selectors import trips_settled_by
from trips.models import CheckIn, Trip
from trips.whole import measured, whole
from vault.prepared import Prepared, hang

_PK = BigIntegerField()


def trip_scanned_by(caller: Person, **touch: Any) -> Trip | None:
    """The trip of the one touch that fits *touch* (``cti`` or ``spoken``), in the clerk's office.

    It comes as ``judge`` reads it, and with it: ``touched``, which of its touches that is,
    ``logged``, the entry the log holds for it, and ``known``, whether it was scanned before.
    """
    ((name, value),) = touch.items()
    trip = _SCANNED[name].first(office=caller.organisation_id, touch=value)
    if trip is None:
        return None
    whole(trip)
    hang(trip, "holds", _HOLDS(trip=trip.pk) if vars(trip)["held"] else [])
    return trip


def trip_scanned_whole(caller: Person, **token: Any) -> Trip | None:
    """The trip of the one trip token that fits *token* (``cti`` or ``spoken``).

    As ``trip_scanned_by``, of its newest touch that stands; and ``snapshot``, the token's row.
    """
    wanted = {f"tokens__{name}": value for name, value in token.items()}
    newest = CheckIn.objects.filter(trip=OuterRef("pk"))
    newest = newest.order_by(F("withdrawn_at").asc(nulls_first=True), "-recorded_at", "-pk")
    scans = Verification.objects.filter(check_in=OuterRef("touched"))
    rows = (
        trips_settled_by(caller)
        .filter(**wanted)
        .annotate(
            snapshot=F("tokens__pk"),
            touched=Subquery(newest.values("pk")[:1]),
            leaf=Subquery(newest.values("token_leaf")[:1]),
        )
        .annotate(logged=entry_of("leaf"), known=Exists(scans))
    )
    return for_judging(rows).first()


def logged_touches_of(trip: Trip) -> QuerySet[CheckIn]:
    """The touches of *trip* that stand, each with ``logged``, the entry the log holds for it."""
    touches = CheckIn.objects.filter(trip=trip, withdrawn_at=None)
    return touches.annotate(logged=entry_of("token_leaf"))


def _scanned(office: int, **touch: Any) -> QuerySet[Trip]:
    wanted = {f"check_ins__{name}": value for name, value in touch.items()}
    scans = Verification.objects.filter(check_in=OuterRef("check_ins__pk"))
    rows = Trip.objects.filter(traveller__organisation=office, **wanted).annotate(
        touched=F("check_ins__pk"),
        logged=entry_of("check_ins__token_leaf"),
        known=Exists(scans),
        held=Exists(Hold.objects.filter(trip=OuterRef("pk"))),
        measured=measured(),
    )
    return at_the_desk(rows)


def _holds(trip: int) -> QuerySet[Hold]:
    return Hold.objects.filter(trip=trip)


_HOLDS = Prepared(_holds, trip=_PK)
_SCANNED = {
    "cti": Prepared(
        lambda office, touch: _scanned(office, cti=touch), office=_PK, touch=BinaryField()
    ),
    "spoken": Prepared(
        lambda office, touch: _scanned(office, spoken=touch), office=_PK, touch=CharField()
    ),
}
