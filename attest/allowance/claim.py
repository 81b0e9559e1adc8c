"""The values of a claim: frozen, and sound once :mod:`.facts` has let them pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

EVIDENCE = (
    "card",
    "cash_receipt",
    "tax_invoice",
    "ticket",
    "toll",
    "fuel",
    "parking",
    "photo",
    "other_receipt",
    "simple_receipt",
    "none",
)
FUELS = (
    "gasoline",
    "diesel",
    "lpg",
    "hybrid",
    "plug_in_hybrid",
    "electric",
    "hydrogen",
)
ITEMS = ("in_area", "fare", "daily", "meals", "lodging")
MODES = (
    "rail",
    "ship",
    "air",
    "bus",
    "metro",
    "taxi",
    "private_car",
    "public_vehicle",
    "parking",
)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    grade: int
    dedicated_car: bool
    hired_driver: bool


@dataclass(frozen=True, slots=True)
class Place:
    unit: str | None
    island: str | None
    name: str | None
    same_site: bool


NOWHERE = Place(unit=None, island=None, name=None, same_site=False)


@dataclass(frozen=True, slots=True)
class AreaDecided:
    area: str
    reason: str


@dataclass(frozen=True, slots=True)
class Distance:
    start: str
    one_way_m: int
    round_trip_m: int
    method: str


@dataclass(frozen=True, slots=True)
class Evidenced:
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def seconds(self) -> int | None:
        """Known only between two touches: one shows a moment, not a duration."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return _seconds(self.starts_at, self.ends_at)


NEVER = Evidenced(None, None)


@dataclass(frozen=True, slots=True)
class ActualCost:
    kind: str
    amount: int
    evidence: str
    evidence_date: date | None


@dataclass(frozen=True, slots=True)
class OwnCar:
    role: str | None
    reason: str
    public_transport_fare: int | None
    distance_m: int | None
    fuel: str | None
    fuel_price: Decimal | None
    workplace_distance_m: int | None
    toll: int
    parking: int


@dataclass(frozen=True, slots=True)
class Fare:
    day: date
    mode: str
    amount: int | None
    evidence: str
    evidence_date: date | None
    status: str
    purpose: str
    seat: str
    standard_amount: int | None
    cap_amount: int | None
    unavoidable: bool
    own_car: OwnCar


@dataclass(frozen=True, slots=True)
class Shared:
    heads: int
    total: int
    claimed_heads: int


@dataclass(frozen=True, slots=True)
class Night:
    day: date
    kind: str
    paid: int | None
    shared: Shared | None
    unit: str | None
    city_class: str | None
    evidence: str
    evidence_date: date | None
    unavoidable: bool


@dataclass(frozen=True, slots=True)
class MealsProvided:
    day: date
    meals: int


@dataclass(frozen=True, slots=True)
class Stay:
    arrived_on: date
    away_dates: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class OtherPayer:
    item: str
    amount: int
    who: str


@dataclass(frozen=True, slots=True)
class Trip:
    id: str
    starts_at: datetime
    ends_at: datetime
    time_known: bool
    rule_set: str
    booked_on: date | None
    ordered: bool
    grade: int
    follows_senior: bool
    workplace: Place
    destination: Place
    same_unit: bool | None
    area_decided: AreaDecided | None
    distances: tuple[Distance, ...]
    evidenced: Evidenced
    public_car: str
    # None: every date of the trip. Not spelled out, for nothing limits a trip.
    public_car_dates: tuple[date, ...] | None
    actual_costs: tuple[ActualCost, ...]
    fares: tuple[Fare, ...]
    nights: tuple[Night, ...]
    meals_provided: tuple[MealsProvided, ...]
    not_needed_dates: tuple[date, ...]
    stay: Stay | None
    other_payer: tuple[OtherPayer, ...]
    claimed_on: date | None
    already_paid: int
    standing_duty: bool

    @property
    def day(self) -> date:
        """The starting date in +09:00: it chooses the rules and bears the day cap."""
        return self.starts_at.date()

    @property
    def seconds(self) -> int:
        return _seconds(self.starts_at, self.ends_at)

    @property
    def dates(self) -> Dates:
        return Dates.of(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Dates:
    """The trip dates, first to last."""

    first: date
    last: date

    @classmethod
    def of(cls, starts_at: datetime, ends_at: datetime) -> Dates:
        # An end at exactly 00:00 belongs to the day before.
        moment = timedelta(seconds=1) if ends_at > starts_at else timedelta(0)
        return cls(starts_at.date(), (ends_at - moment).date())

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Standing:
    month: date
    monthly_amount: int
    days: int


@dataclass(frozen=True, slots=True)
class Recovery:
    id: str
    amount: int
    received_on: date
    fraud: bool


@dataclass(frozen=True, slots=True)
class Claim:
    id: str | None
    rule_set: str
    person: Person
    trips: tuple[Trip, ...]
    standing: Standing | None
    recovery: tuple[Recovery, ...]


def _seconds(start: datetime, end: datetime) -> int:
    return (end - start) // timedelta(seconds=1)
