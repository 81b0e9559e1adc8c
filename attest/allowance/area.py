"""In-area or out-of-area: rules R0 to R4."""

from __future__ import annotations

from . import words
from .claim import Distance, Trip
from .rules import Ask
from .sheet import Sheet
from .words import Words

# One city each, whatever its districts; elsewhere a district belongs to its city.
UNIFIED = {"11", "26", "27", "28", "29", "30", "31", "36"}
JEUNGPYEONG = "43745"  # a county of its own, though its code looks like a district's
UNMEASURED = {"straight_line", "declared"}


def no_trip(trip: Trip) -> Words | None:
    """R0: why this is no payable trip at all, if it is none."""
    if trip.destination.same_site:
        return words.SAME_SITE
    if not trip.ordered:
        return words.NO_ORDER
    return words.NO_LENGTH if trip.ends_at == trip.starts_at else None


def unit_of(code: str) -> str:
    """R1: the city or county that counts as one place of work."""
    if code[:2] in UNIFIED:
        return f"{code[:2]}000"
    return code if code == JEUNGPYEONG else f"{code[:4]}0"


def distance_of(trip: Trip) -> Distance | None:
    """R4: the nearer start counts."""
    if not trip.distances:
        return None
    return min(trip.distances, key=lambda d: (d.one_way_m, d.round_trip_m, d.method))


def area_of(trip: Trip, sheet: Sheet) -> str:
    """``in`` or ``out``; what looks doubtful about it is warned on *sheet*."""
    if decided := trip.area_decided:
        sheet.warn("area_decided", area=decided.area, reason=decided.reason)
        return decided.area
    if _same_unit(trip) or _same_island(trip):
        return "in"
    if (distance := distance_of(trip)) is None:
        sheet.warn("distance_unknown")
        return "out"
    return "in" if _near_enough(distance, sheet) else "out"


def warn_of_method(distance: Distance, sheet: Sheet) -> None:
    if distance.method in UNMEASURED:
        sheet.warn("distance_method", method=distance.method)


def _same_unit(trip: Trip) -> bool:
    """R2: equal units decide, however far."""
    if trip.same_unit is not None:
        return trip.same_unit
    here, there = trip.workplace.unit, trip.destination.unit
    return here is not None and there is not None and unit_of(here) == unit_of(there)


def _same_island(trip: Trip) -> bool:
    island = trip.workplace.island
    return island not in {None, "jeju"} and island == trip.destination.island


def _near_enough(distance: Distance, sheet: Sheet) -> bool:
    """R3: strictly less, and by one reading of the distance or the other."""
    ask = Ask(sheet.rules)
    limit_m = ask.number("in_area.distance_m")
    one_way, round_trip = distance.one_way_m < limit_m, distance.round_trip_m < limit_m
    warn_of_method(distance, sheet)
    _warn_of_band(distance, limit_m, sheet)
    sheet.before = ask
    if one_way == round_trip:
        return one_way
    sheet.warn(
        "distance_reading",
        one_way_m=distance.one_way_m,
        round_trip_m=distance.round_trip_m,
        limit_m=limit_m,
    )
    return one_way if ask.word("in_area.distance_reading") == "one_way" else round_trip


def _warn_of_band(distance: Distance, limit_m: int, sheet: Sheet) -> None:
    both_ways = distance.round_trip_m
    # The limit may be meant one way or both ways: near either is near.
    if abs(both_ways - limit_m) <= 2_000 or abs(both_ways - 2 * limit_m) <= 4_000:
        sheet.warn("distance_band_12km", round_trip_m=both_ways, limit_m=limit_m)
