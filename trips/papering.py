"""When a paper counts: its time lies within the trip, and it counts nowhere else."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q

from trips.models import Trip
from trips.selectors import standing
from vault.sealed import blind_index

MOST_WON = 1_000_000_000
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
# A slip shows whole minutes.
_MINUTE = timedelta(minutes=1)


def within(trip: Trip, at: datetime) -> bool:
    """Between the first and the last of what was planned and what was touched."""
    touched = [touch.recorded_at for touch in standing(trip)]
    first, last = min([trip.starts_at, *touched]), max([trip.ends_at, *touched])
    return first - _MINUTE < at < last + _MINUTE


def mark_of(number: str, *, amount: int, at: datetime) -> bytes | None:
    """Equal for one paper told twice: its number, sum and minute. Keyed; none without a number."""
    plain = "".join(letter for letter in number.upper() if letter.isalnum())
    if not plain:
        return None
    return blind_index("paper", f"{plain}|{amount}|{int(at.timestamp()) // 60}")


def same(*, digest: bytes, pixels: bytes, mark: bytes | None) -> Q:
    """Papers that are this one: the same bytes, the same to be seen, or the same number."""
    found = Q(digest=digest) | Q(pixels=pixels)
    return found | Q(mark=mark) if mark else found
