"""The hours of an in-area trip: what was claimed, what is evidenced, and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from attest.allowance import claim_from, compute
from attest.errors import ClaimRefused
from trips.claim import claim_of
from trips.expected import Expected
from trips.models import Kind, Trip
from trips.rules import rule_sets
from trips.selectors import standing

_MINUTE = timedelta(minutes=1)
# Told for dates the shortened trip may not have; a sum by hours asks for none of them.
_OF_DATES = frozenset({"nights", "meals_provided", "not_needed_dates", "public_car_dates"})


@dataclass(frozen=True, slots=True)
class Hours:
    """Seconds; *evidenced* none while the touches do not show both ends.

    *full* and *less*: the sum in won from *limit* on, and below it. Empty where the evidence
    settles it, or where nothing hangs on it. *lacks*: the touches that would still show the
    hours, "return" or "both", or none.
    """

    claimed: int
    evidenced: int | None
    limit: int
    full: int | None = None
    less: int | None = None
    lacks: str = ""


def hours_of(trip: Trip, expected: Expected) -> Hours | None:
    """None where the sum is not one by hours. *expected* is that of *trip*."""
    flat = [line for line in expected.lines if line["item"] == "in_area_flat"]
    limit = flat[0]["inputs"].get("full_seconds") if flat else None
    if limit is None:
        return None
    claim = claim_of([trip], person=trip.traveller)
    told = compute(claim_from(claim), rule_sets()).trips[0]
    claimed, evidenced = told.claimed_seconds, told.evidenced_seconds
    if claimed < limit or (evidenced is not None and evidenced >= limit):
        return Hours(claimed, evidenced, limit)
    length = timedelta(seconds=limit)
    try:
        full, less = _sum(claim, length), _sum(claim, length - _MINUTE)
    except ClaimRefused:
        # Nothing is guessed: what the trip itself brings is said all the same.
        return Hours(claimed, evidenced, limit)
    if full == less:
        return Hours(claimed, evidenced, limit)
    return Hours(claimed, evidenced, limit, full, less, _lacking(trip, length))


def _sum(claim: dict[str, Any], length: timedelta) -> int:
    """What the same trip would bring, had it lasted *length* and been shown to."""
    (told,) = claim["trips"]
    trip = {name: value for name, value in told.items() if name not in _OF_DATES}
    starts = datetime.fromisoformat(trip["starts_at"])
    shown = {"starts_at": starts.isoformat(), "ends_at": (starts + length).isoformat()}
    return compute(
        claim_from(claim | {"trips": [trip | shown | {"evidenced": shown}]}), rule_sets()
    ).total


def _lacking(trip: Trip, length: timedelta) -> str:
    """Which touches show the hours, if they are made where the plan has them."""
    touches = standing(trip)
    arrived = [touch.made_at for touch in touches if touch.kind != Kind.RETURN]
    if not touches:
        return "both"
    if len(arrived) < len(touches) or trip.ends_at - min(arrived) < length:
        return ""
    return "return"
