"""One trip with all that hangs from it: few questions, each worded once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Aggregate, BigIntegerField, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from trips.models import Assessment, CheckIn, Distance, Trip, TripStop
from trips.selectors import stops_with_places
from vault.prepared import Prepared, hang

_PK = BigIntegerField()
_MEASURED = ("origin", "one_way_m", "method")


class _Gathered(Aggregate):
    """The values of many rows as one list."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


def measured() -> Subquery:
    """For a query of trips, as ``measured``: their distances, so that nobody asks for them."""
    rows = Distance.objects.filter(trip=OuterRef("pk")).order_by().values("trip")
    said = JSONObject(**{name: name for name in _MEASURED})
    return Subquery(rows.annotate(all=_Gathered(said)).values("all"))


def _stops(trip: int) -> QuerySet[TripStop]:
    return stops_with_places().filter(trip=trip)


def _distances(trip: int) -> QuerySet[Distance]:
    return Distance.objects.filter(trip=trip)


def _judged(trip: int) -> QuerySet[Assessment]:
    """Every touch was weighed at least once, so its assessments bring it along."""
    rows = Assessment.objects.filter(check_in__trip=trip).select_related("check_in")
    rows = rows.order_by("check_in__recorded_at", "check_in", "pk")
    return rows.defer("facts", "check_in__record")


STOPS = Prepared(_stops, trip=_PK)
DISTANCES = Prepared(_distances, trip=_PK)
JUDGED = Prepared(_judged, trip=_PK)


def with_its_stops(trip: Trip) -> Trip:
    hang(trip, "stops", STOPS(trip=trip.pk))
    return trip


def the_only_touch(trip: Trip, touch: CheckIn, judged: Sequence[Assessment]) -> None:
    """*touch* was written just now, and is the first of *trip*: nothing has to be read."""
    hang(touch, "assessments", judged)
    hang(trip, "check_ins", [touch])


def whole(trip: Trip) -> Trip:
    """*trip* as ``with_all`` would bring it: stops, touches with their assessments, distances.

    What hangs there already is not asked again.
    """
    known = vars(trip).get("_prefetched_objects_cache", {})
    if "stops" not in known:
        with_its_stops(trip)
    if "distances" not in known:
        hang(trip, "distances", _distances_of(trip))
    if "check_ins" not in known:
        hang(trip, "check_ins", _touches(trip, JUDGED(trip=trip.pk)))
    return trip


def _distances_of(trip: Trip) -> list[Distance]:
    known = vars(trip)
    if "measured" not in known:
        return DISTANCES(trip=trip.pk)
    return [Distance(trip=trip, **said) for said in known["measured"] or ()]


def _touches(trip: Trip, judged: Iterable[Assessment]) -> list[CheckIn]:
    touches = []
    for touch, of_it in groupby(judged, key=attrgetter("check_in")):
        touch.trip = trip
        hang(touch, "assessments", of_it)
        touches.append(touch)
    return touches
