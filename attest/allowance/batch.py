"""The values that findings are made of: trips of many people, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .claim import Dates, Evidenced


@dataclass(frozen=True, slots=True)
class Span:
    """Two spans overlap where both start before the other ends."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Segment:
    role: str | None
    amount: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Told:
    """A trip as its sheet tells it. What it does not tell is none."""

    id: str
    person: str
    span: Span
    area: str | None
    destination: str | None
    same_site: bool
    ordered: bool
    approved_at: datetime | None
    registered_at: datetime | None
    time_known: bool
    public_car: str | None
    round_trip_m: int | None
    flat_paid: int | None
    evidenced: Evidenced
    stay_seconds: int | None
    companions: tuple[str, ...]
    lodging_paid: int | None
    lodging_cap: int | None
    fares: tuple[Segment, ...]

    @property
    def day(self) -> date:
        return self.span.starts_at.date()

    @property
    def dates(self) -> Dates:
        return Dates.of(self.span.starts_at, self.span.ends_at)

    @property
    def seconds(self) -> int:
        return int((self.span.ends_at - self.span.starts_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Drive:
    people: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Absence:
    person: str
    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Paper:
    trip: str
    person: str | None
    digest: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Batch:
    rule_set: str
    trips: tuple[Told, ...]
    # None: no log was given. An empty one says that no car went out.
    vehicle_log: tuple[Drive, ...] | None
    absences: tuple[Absence, ...]
    receipts: tuple[Paper, ...]
