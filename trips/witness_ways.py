"""The ways to show more, as equal cards: the cheapest for this trip first (ux.md §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from trips.models import CheckIn, Kind, Trip
from trips.selectors import newest_assessment, standing

# How the weights call what a card brings, in the order of their effort.
_SITE, _LINK, _HOST = "ask.site-code", "ask.host-link", "ask.host"


@dataclass(frozen=True, slots=True)
class WitnessWay:
    """One card. *enough*: it alone makes the evidence sufficient."""

    icon: str
    name: str
    brings: str
    url: str
    effort: int
    enough: bool


def witness_ways_of(trip: Trip, *, at: datetime) -> list[WitnessWay]:
    """*trip* comes with its stops and touches. None where nobody has touched yet."""
    touch = witnessed(trip)
    missing = _missing(touch) if touch else {}
    return sorted(_ways(trip, touch, missing, at), key=lambda way: (not way.enough, way.effort))


def witnessed(trip: Trip) -> CheckIn | None:
    """The touch a witness of the place belongs to: the newest that was no return."""
    arrived = [touch for touch in standing(trip) if touch.kind != Kind.RETURN]
    return arrived[-1] if arrived else None


def site_equipped(trip: Trip) -> bool:
    return any(stop.place and stop.place.site_equipped for stop in trip.stops.all())


def _ways(
    trip: Trip, touch: CheckIn | None, missing: dict[str, bool], at: datetime
) -> Iterator[WitnessWay]:
    if site_equipped(trip) and at <= trip.ends_at:
        yield WitnessWay(
            "scan",
            _("Read the code of the screen there"),
            _("With the camera or eight digits, one minute"),
            reverse("trips:site-code", args=[trip.uid]),
            2,
            missing.get(_SITE, False),
        )
    if touch:
        yield WitnessWay(
            "person",
            _("Ask somebody there to confirm"),
            _("They scan a code or open a link, three minutes"),
            reverse("trips:host-ask", args=[trip.uid]),
            3,
            missing.get(_LINK, False) or missing.get(_HOST, False),
        )


def _missing(touch: CheckIn) -> dict[str, bool]:
    """What the last answer asked for, and whether one of it is enough."""
    said = newest_assessment(touch)
    alone = said.missing_mode == "any"
    rows: list[dict[str, Any]] = said.missing
    return {row["code"]: alone for row in rows}
