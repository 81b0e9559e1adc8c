"""What a traveller's phone takes along for the time without a line: their own trips, in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.saying import clock, day, moment, won
from trips.models import Trip
from trips.showing import ShownTrip, next_kind


def along(
    person: Person, trips: Sequence[Trip], touch: dict[str, Any], *, shown: ShownTrip | None
) -> str:
    """*touch*: what the page tells its element; *shown*: the trip whose sum was worked out."""
    told = {
        "owner": str(person.uid),
        "consent": touch["consent"],
        "consentText": touch["consent_text"],
        "credentials": touch["credentials"],
        "trips": [_trip(trip) | _sum(trip, shown, touch["now"]) for trip in trips],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _trip(trip: Trip) -> dict[str, Any]:
    where = ", ".join(stop.text for stop in trip.stops.all())
    vehicle = str(trip.get_vehicle_display())
    return {
        "uid": str(trip.uid),
        "when": _when(trip),
        "place": where or _("Trip without an order"),
        "purpose": f"{trip.purpose} · {vehicle}" if trip.purpose else vehicle,
        "kind": next_kind(trip) or "",
        "from_ms": _ms(trip.starts_at),
        "until_ms": _ms(trip.ends_at),
    }


def _when(trip: Trip) -> str:
    begins, ends = trip.starts_at, trip.ends_at
    if begins == ends:
        return moment(begins)
    if localdate(begins) == localdate(ends):
        return f"{day(begins)} · {clock(begins)}–{clock(ends)}"
    return f"{moment(begins)} – {moment(ends)}"


def _sum(trip: Trip, shown: ShownTrip | None, now: datetime) -> dict[str, str]:
    """The last figure, with its hour; it is not worked out for the others."""
    if shown is None or shown.trip.pk != trip.pk or shown.expected.total is None:
        return {}
    return {"won": won(shown.expected.total), "at": now.isoformat()}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
