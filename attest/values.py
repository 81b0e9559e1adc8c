"""Small values that mean the same in every room. All are checked at birth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from math import asin, cos, radians, sin, sqrt
from typing import Self

# The state's time; it has had no summer time since 1988, so a fixed offset is the truth.
KST = timezone(timedelta(hours=9), "KST")


@dataclass(frozen=True, slots=True)
class Point:
    """A place on Earth in degrees × 10⁷, as the phone's record writes it."""

    lat_e7: int = field(repr=False)
    lon_e7: int = field(repr=False)

    def __post_init__(self) -> None:
        if not (abs(self.lat_e7) <= 900_000_000 and abs(self.lon_e7) <= 1_800_000_000):
            raise ValueError("not a position on Earth")

    @property
    def lat(self) -> float:
        return self.lat_e7 / 1e7

    @property
    def lon(self) -> float:
        return self.lon_e7 / 1e7

    def packed(self) -> bytes:
        """Two big-endian 32-bit numbers: what a sealed point column holds."""
        return self.lat_e7.to_bytes(4, signed=True) + self.lon_e7.to_bytes(4, signed=True)

    @classmethod
    def unpacked(cls, raw: bytes) -> Self:
        if len(raw) != 8:
            raise ValueError("not a packed point")
        return cls(int.from_bytes(raw[:4], signed=True), int.from_bytes(raw[4:], signed=True))


def metres_between(a: Point, b: Point) -> float:
    """Great circle on a sphere of 6,371,000 m, the one evidence.md §4 measures with."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half = sin((lat_b - lat_a) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * 6_371_000 * asin(min(1.0, sqrt(half)))


def month_of(at: datetime) -> str:
    """``2026-11`` on the calendar of the office."""
    return at.astimezone(KST).strftime("%Y-%m")


def month_after(name: str) -> str:
    year, month = int(name[:4]), int(name[5:])
    return f"{year + month // 12:04d}-{month % 12 + 1:02d}"


def month_before(name: str) -> str:
    year, month = int(name[:4]), int(name[5:])
    return f"{year - (month == 1):04d}-{(month - 2) % 12 + 1:02d}"


def month_bounds(name: str) -> tuple[datetime, datetime]:
    """From its first moment to that of the next month, in Korean time."""
    return _first_moment(name), _first_moment(month_after(name))


def _first_moment(name: str) -> datetime:
    return datetime(int(name[:4]), int(name[5:]), 1, tzinfo=KST)
