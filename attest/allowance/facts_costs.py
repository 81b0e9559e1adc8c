"""What was paid on the way: fares, nights and costs, of the contract ``allowance/1``."""

from __future__ import annotations

from datetime import date

from .claim import EVIDENCE, FUELS, MODES, ActualCost, Dates, Fare, Night, OwnCar, Shared
from .reading import (
    DATE,
    DECIMAL,
    FLAG,
    METRES,
    TEXT,
    UNIT,
    WON,
    WON_ABOVE_ZERO,
    Fields,
    whole,
    word,
)

EVIDENCE_KIND = word(*EVIDENCE)


def actual_cost(f: Fields) -> ActualCost:
    return ActualCost(
        kind=f.need("kind", word("taxi", "bus", "metro", "parking", "other")),
        amount=f.need("amount", WON),
        evidence=f.may("evidence", EVIDENCE_KIND, "none"),
        evidence_date=f.may("evidence_date", DATE, None),
    )


def fare_from(f: Fields) -> Fare:
    day = f.need("date", DATE)
    mode = f.need("mode", word(*MODES))
    priced = f.sound("mode") and mode not in ("private_car", "public_vehicle")
    fare = _fare(f, day, mode, f.need("amount", WON) if priced else f.may("amount", WON, None))
    if f.sound("mode") and mode == "private_car":
        _private_car_needs(f, fare)
    return fare


def loose_fare_from(f: Fields) -> Fare:
    """A fare of which any field may be left out: findings look only at what is told."""
    day = f.may("date", DATE, DATE.stand_in)
    mode = f.may("mode", word(*MODES), "")
    return _fare(f, day, mode, f.may("amount", WON, None))


def _fare(f: Fields, day: date, mode: str, amount: int | None) -> Fare:
    return Fare(
        day=day,
        mode=mode,
        amount=amount,
        evidence=f.may("evidence", EVIDENCE_KIND, "none"),
        evidence_date=f.may("evidence_date", DATE, None),
        status=f.may("status", word("used", "cancelled"), "used"),
        purpose=f.may("purpose", word("main", "access"), "main"),
        seat=f.may("class", word("standard", "superior"), "standard"),
        standard_amount=f.may("standard_amount", WON, None),
        cap_amount=f.may("cap_amount", WON, None),
        unavoidable=f.may("unavoidable", FLAG, default=False),
        own_car=_own_car(f),
    )


def _own_car(f: Fields) -> OwnCar:
    return OwnCar(
        role=f.may("role", word("driver", "passenger"), None),
        public_transport_fare=f.may("public_transport_fare", WON, None),
        reason=f.may("reason", TEXT, ""),
        distance_m=f.may("distance_m", METRES, None),
        fuel=f.may("fuel", word(*FUELS), None),
        fuel_price=f.may("fuel_price", DECIMAL, None),
        workplace_distance_m=f.may("workplace_distance_m", METRES, None),
        toll=f.may("toll", WON, 0),
        parking=f.may("parking", WON, 0),
    )


def _private_car_needs(f: Fields, fare: Fare) -> None:
    if not f.has("role"):
        f.fault("facts.missing", "role")
    if fare.own_car.role != "driver" or f.faulty("role", "unavoidable", "reason"):
        return
    by_road = ("distance_m", "fuel", "fuel_price")
    excused = fare.unavoidable and fare.own_car.reason.strip()
    told = any(f.has(name) for name in by_road) or not f.has("public_transport_fare")
    for name in by_road if excused and told else ("public_transport_fare",):
        if not f.has(name):
            f.fault("facts.missing", name)


def night_from(f: Fields, *, dates: Dates | None, seen: set[date]) -> Night:
    day = _evening(f, dates=dates, seen=seen)
    kinds = word("paid", "shared", "shared_member", "relatives", "provided", "transit")
    kind = f.need("kind", kinds)
    known = kind if f.sound("kind") else ""
    night = Night(
        day=day,
        kind=kind,
        paid=f.need("paid", WON) if known == "paid" else f.may("paid", WON, None),
        shared=(f.need_part if known == "shared" else f.part)("shared", _shared),
        unit=f.may("unit", UNIT, None),
        city_class=f.may("class", word("seoul", "metropolitan", "other"), None),
        evidence=f.may("evidence", EVIDENCE_KIND, "none"),
        evidence_date=f.may("evidence_date", DATE, None),
        unavoidable=f.may("unavoidable", FLAG, default=False),
    )
    if known in ("paid", "shared") and f.has("unit") == f.has("class"):
        f.fault("lodging.place")
    return night


def _evening(f: Fields, *, dates: Dates | None, seen: set[date]) -> date:
    day = f.need("date", DATE)
    if not f.sound("date"):
        return day
    if dates is not None and day not in dates:
        f.fault("lodging.date_outside_trip", "date")
    elif day in seen:
        f.fault("lodging.duplicate_night", "date")
    seen.add(day)
    return day


def _shared(f: Fields) -> Shared:
    heads = f.need("heads", whole(2, 50))
    others = heads - 1 if f.sound("heads") else 49
    return Shared(
        heads=heads,
        total=f.need("total", WON_ABOVE_ZERO),
        claimed_heads=f.need("claimed_heads", whole(0, others)),
    )
