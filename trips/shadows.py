"""One phone beside another, order after order (evidence.md §3 ``shadow``; security.md T5).

Nobody's position is opened for this. A touch leaves a keyed mark of the square metre it was
made on; another one was within three metres if its mark is that of a square near by. Rounding
to a metre leaves the three metres uncertain by one and a half.

    east  = whole(lon · 111 195 m · cos(whole degree of latitude + ½))
    north = whole(lat · 111 195 m)

Two touches to both sides of a whole degree are not seen as near: a line of no width.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import cos, floor, radians

from attest.record import Fix

# An order counts once; so many of them make a shadow.
ORDERS = 3
_REACH_M = 3
_METRES_A_DEGREE = 6_371_000 * radians(1)
_SQUARES = [
    (east, north)
    for east in range(-_REACH_M, _REACH_M + 1)
    for north in range(-_REACH_M, _REACH_M + 1)
    if east * east + north * north <= _REACH_M * _REACH_M
]
SQUARES = len(_SQUARES)


@dataclass(frozen=True, slots=True)
class Seen:
    """A touch as far as this goes: of which person, order and day, on which square."""

    person: int
    trip: int
    day: date
    mark: bytes


def mark(fix: Fix, *, key: bytes) -> bytes:
    return _keyed(key, *_square(fix))


def marks_around(fix: Fix, *, key: bytes) -> list[bytes]:
    """The square of *fix* and those within three metres, in one order."""
    degree, east, north = _square(fix)
    return [_keyed(key, degree, east + right, north + up) for right, up in _SQUARES]


def enough(mine: Iterable[Seen]) -> bool:
    """Whether *mine* are touches of so many orders that who was near at each is a shadow."""
    return len({one.trip for one in mine}) >= ORDERS


def near_at_each(
    around: Mapping[int, Iterable[bytes]], mine: Mapping[int, Seen], theirs: Iterable[Seen]
) -> set[int]:
    """Who was near at every one of *mine* that day.

    *around*: by number of my touch, the squares within reach of it; *mine*: the touches.
    """
    reach = {number: set(squares) for number, squares in around.items()}
    beside: dict[int, set[int]] = {}
    for other in theirs:
        for number, one in mine.items():
            if one.day == other.day and other.mark in reach[number]:
                beside.setdefault(other.person, set()).add(number)
    return {person for person, numbers in beside.items() if numbers == mine.keys()}


def _square(fix: Fix) -> tuple[int, int, int]:
    lat, lon = fix.lat_e7 / 1e7, fix.lon_e7 / 1e7
    degree = floor(lat)
    east = lon * _METRES_A_DEGREE * cos(radians(degree + 0.5))
    return degree, floor(east + 0.5), floor(lat * _METRES_A_DEGREE + 0.5)


def _keyed(key: bytes, *square: int) -> bytes:
    return hmac.digest(key, ("near:" + ":".join(map(str, square))).encode(), "sha256")
