"""The ways to one more item, the cheapest for this trip first (ux.md §5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trips.models import Kind, Trip
from trips.selectors import newest_assessment, standing


@dataclass(frozen=True, slots=True)
class Way:
    """*template* is its card; *brings* what the menu says of it, in both languages, if it does."""

    name: str
    code: str
    brings: dict[str, Any] | None = None

    @property
    def template(self) -> str:
        return f"trips/ways/{self.name}.html"


# By effort, as the menu of the weights has them. A statement weighs nothing, and is read.
WAYS = (Way("paper", "ask.receipt"), Way("photo", "ask.photo"), Way("statement", ""))


def ways_of(trip: Trip) -> list[Way]:
    """What the newest arrival or stop asks for comes first, in its order; no way hides another."""
    asked = {one["code"]: one for one in _missing(trip)}
    found = [Way(way.name, way.code, asked.get(way.code)) for way in WAYS]
    order = list(asked)
    return sorted(found, key=lambda way: order.index(way.code) if way.brings else len(order))


def _missing(trip: Trip) -> list[dict[str, Any]]:
    touches = [touch for touch in standing(trip) if touch.kind != Kind.RETURN]
    return list(newest_assessment(touches[-1]).missing) if touches else []
