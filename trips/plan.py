"""What a trip is asked for with: why, when, where to, how, with whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Person, Place

# Outside of these a date is a slip of the finger.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A known place, or a 시·군·구 and words. *one_way_m*: metres from the workplace, if known."""

    text: str
    unit: str
    place: Place | None = None
    one_way_m: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    purpose: str
    starts_at: datetime
    ends_at: datetime
    vehicle: str
    approver: Person
    stops: tuple[PlannedStop, ...]
    companions: tuple[Person, ...] = ()
