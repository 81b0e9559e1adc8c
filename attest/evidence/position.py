"""What the positions of a touch show: the place, and their shape (evidence.md §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from math import asin, cos, floor, radians, sin, sqrt
from typing import Protocol

from .facts import Facts, Fix, Place
from .reasons import Seen
from .weights import Limits

_EARTH_RADIUS_M = 6_371_000
_KMH = 3.6  # one metre a second


class Spot(Protocol):
    @property
    def lat(self) -> float: ...

    @property
    def lon(self) -> float: ...


class Around(Spot, Protocol):
    @property
    def accuracy_m(self) -> float: ...


def whole(amount: float) -> int:
    return floor(amount + 0.5)


def tenth(metres: float) -> float:
    """To 0.1 m, so that two machines that differ in the last bit agree."""
    return whole(10 * metres) / 10


def metres(a: Spot, b: Spot) -> float:
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half = sin((lat_b - lat_a) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return tenth(2 * _EARTH_RADIUS_M * asin(min(1.0, sqrt(half))))


def gap(a: Around, b: Around) -> float:
    """How far apart the two are at least, each as good as it says it is."""
    return tenth(metres(a, b) - a.accuracy_m - b.accuracy_m)


@dataclass(frozen=True, slots=True)
class Sight:
    """The fixes that count, compared once with the planned places."""

    fixes: Sequence[Fix] = field(repr=False)
    usable: Sequence[Fix] = field(repr=False)
    inside: Sequence[Fix] = field(repr=False)
    excess_m: float
    disturbed: bool


def sight_of(facts: Facts, limits: Limits) -> Sight:
    trip = facts.trip
    fixes = () if trip.location_forbidden else facts.position.fixes
    usable = [fix for fix in fixes if fix.accuracy_m <= limits.usable_accuracy_m]
    inside, excess = [], float("inf")
    for fix in usable if trip.places else ():
        beyond = min(_beyond(fix, place) for place in trip.places)
        excess = min(excess, beyond)
        if beyond <= 0:
            inside.append(fix)
    # A jammed sky: the plan is not where the satellites say, and the office knows why.
    jammed = trip.gnss_disturbed and usable and trip.places and not (trip.moving or inside)
    jumped = any(_jump(a, b, limits) for a, b in pairwise(fixes))
    return Sight(fixes, usable, inside, excess, bool(fixes) and bool(jumped or jammed))


def _beyond(fix: Fix, place: Place) -> float:
    return tenth(metres(fix, place) - fix.accuracy_m - place.radius_m)


def _jump(a: Fix, b: Fix, limits: Limits) -> bool:
    apart = gap(a, b)
    if apart <= limits.jump_m:
        return False
    seconds = max(1, abs(b.fix_ms - a.fix_ms) / 1000)
    return _KMH * apart / seconds > limits.jump_kmh


def place(sight: Sight, facts: Facts, limits: Limits) -> Seen:
    """Exactly one line: the first that fits."""
    trip = facts.trip
    if trip.location_forbidden:
        return Seen("place.forbidden")
    if not sight.fixes:
        return Seen("place.unknown")
    if sight.disturbed:
        return Seen("place.disturbed")
    if not sight.usable:
        return Seen("place.coarse")
    if trip.moving:
        return Seen("place.moving")
    if not trip.places:
        return Seen("where.recorded")
    return _compared(sight, limits, changed=trip.change_requested)


def _compared(sight: Sight, limits: Limits, *, changed: bool) -> Seen:
    if sight.inside:
        return _inside(min(fix.accuracy_m for fix in sight.inside), limits)
    if sight.excess_m <= limits.near_m:
        return Seen("place.near", {"metres": whole(sight.excess_m)})
    if changed:
        return Seen("place.changed")
    return Seen("place.far", {"km": whole(sight.excess_m / 1000)})


def _inside(accuracy_m: float, limits: Limits) -> Seen:
    said = {"accuracy": whole(accuracy_m)}
    if accuracy_m <= limits.inside_fine_m:
        return Seen("where.inside-fine", said)
    if accuracy_m <= limits.inside_mid_m:
        return Seen("where.inside-mid", said)
    return Seen("where.inside-coarse", said)


def shape(sight: Sight, facts: Facts, limits: Limits) -> Iterator[Seen]:
    """Whether the positions look like a phone's; nothing where there are none."""
    if not sight.fixes or sight.disturbed:
        return
    fixes = sight.fixes
    best_m = min(fix.accuracy_m for fix in fixes)
    points = {(fix.lat, fix.lon) for fix in fixes}
    if len(fixes) >= limits.varies_min_fixes and len(points) >= limits.varies_min_points:
        yield Seen("where.varies")
    yield from _identical(fixes, facts, limits)
    yield from _accuracy(best_m, limits)
    if all(fix.altitude_m == 0 for fix in fixes):
        yield Seen("fix.altitude-zero")
    if best_m <= limits.decimals_accuracy_m:
        yield from _decimals(fixes, limits)
    if len(fixes) >= limits.lost_min_fixes and facts.position.errors_between >= len(fixes) - 1:
        yield Seen("fix.lost-between")
    yield from _times(fixes, facts, limits)
    yield from _speed(sight, facts, limits)
    yield from _same_point(best_m, facts, limits)


def _identical(fixes: Sequence[Fix], facts: Facts, limits: Limits) -> Iterator[Seen]:
    values = {(fix.lat, fix.lon, fix.accuracy_m) for fix in fixes}
    if len(fixes) < limits.identical_min_fixes or len(values) > 1:
        return
    yield Seen("fix.identical")
    if any(metres(fixes[0], place) < limits.address_m for place in facts.trip.places):
        yield Seen("fix.equals-address")


def _accuracy(best_m: float, limits: Limits) -> Iterator[Seen]:
    if best_m == 0:
        yield Seen("fix.accuracy-zero")
    elif best_m in limits.accuracy_presets_m:
        yield Seen("fix.accuracy-preset", {"accuracy": whole(best_m)})


def _decimals(fixes: Sequence[Fix], limits: Limits) -> Iterator[Seen]:
    most = max(max(decimals(fix.lat), decimals(fix.lon)) for fix in fixes)
    if most <= limits.decimals_low:
        yield Seen("fix.decimals-3", {"decimals": most})
    elif most <= limits.decimals_few:
        yield Seen("fix.decimals-4", {"decimals": most})


def decimals(degrees: float) -> int:
    """Of the shortest text that reads back to the same number; 35.0 has none."""
    shortest = repr(degrees)
    if "e" in shortest:  # closer to zero than any coordinate worth a fast path
        exponent = Decimal(shortest).normalize().as_tuple().exponent
        return max(0, -int(exponent))
    return len(shortest.partition(".")[2].rstrip("0"))


def _times(fixes: Sequence[Fix], facts: Facts, limits: Limits) -> Iterator[Seen]:
    if any(b.fix_ms < a.fix_ms for a, b in pairwise(fixes)):
        yield Seen("time.backwards")
    online = facts.delivery.mode == "online"
    if online and any(fix.seen_ms - fix.fix_ms > limits.old_fix_ms for fix in fixes):
        yield Seen("time.old-fix")


def _speed(sight: Sight, facts: Facts, limits: Limits) -> Iterator[Seen]:
    if facts.previous is None or not sight.usable:
        return
    best = min(sight.usable, key=lambda fix: fix.accuracy_m)
    apart = gap(best, facts.previous)
    if apart <= limits.speed_min_gap_m:
        return
    kmh = whole(_KMH * apart / max(facts.previous.seconds_before, limits.speed_min_s))
    if kmh > limits.impossible_kmh:
        yield Seen("presence.impossible-speed", {"kmh": kmh})
    elif kmh > limits.mode_kmh.of(facts.trip.mode):
        yield Seen("presence.over-mode-speed", {"kmh": kmh})


def _same_point(best_m: float, facts: Facts, limits: Limits) -> Iterator[Seen]:
    if facts.cross.same_point == "companion":
        yield Seen("cross.companion")
    elif facts.cross.same_point == "other":
        fine = best_m < limits.same_point_fine_m
        yield Seen("cross.same-point-fine" if fine else "cross.same-point-coarse")
