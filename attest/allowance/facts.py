"""Facts of a claim, contract ``allowance/1`` (travel-expenses.md §2).

JSON goes in, frozen values come out. A claim with a fault is refused whole, with every
fault it has, in the order in which the tables of the contract list the fields; names
the contract does not list come last in their object. Nothing is looked up or guessed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from attest.errors import ClaimRefused, Fault

from . import words
from .claim import (
    EVIDENCE,
    FUELS,
    ITEMS,
    MODES,
    NEVER,
    NOWHERE,
    ActualCost,
    AreaDecided,
    Claim,
    Dates,
    Distance,
    Evidenced,
    Fare,
    MealsProvided,
    Night,
    OtherPayer,
    OwnCar,
    Person,
    Place,
    Recovery,
    Shared,
    Standing,
    Stay,
    Trip,
)
from .reading import (
    DATE,
    DECIMAL,
    FLAG,
    GRADE,
    ID,
    ID_OR_NULL,
    METRES,
    MONTH,
    TEXT,
    TIME,
    UNIT,
    WON,
    WON_ABOVE_ZERO,
    Fields,
    Kind,
    date_between,
    whole,
    word,
)

CONTRACT = "allowance/1"
DEFAULT_RULE_SET = "kr-national"
BYTES_LIMIT = 8 * 1024 * 1024
CLAIMS_LIMIT = 10_000
TRIPS_LIMIT = 200

EVIDENCE_KIND = word(*EVIDENCE)
METHOD = word(
    "walking_route",
    "road_route",
    "portal_map",
    "highway_table",
    "straight_line",
    "declared",
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands in the place of a claim that cannot be computed."""

    id: str | None
    faults: tuple[Fault, ...]

    def as_dict(self) -> dict[str, object]:
        errors = [{"code": f.code, "path": f.path, "ko": f.ko, "en": f.en} for f in self.faults]
        return {"contract": CONTRACT, "id": self.id, "errors": errors}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the facts held, in their order; *listed* when they were a list of claims."""

    claims: tuple[Claim | Refused, ...]
    listed: bool = False


# -- doors -----------------------------------------------------------------------------


def claim_from(said: object) -> Claim:
    """One claim of plain JSON values, or :class:`ClaimRefused` with all its faults."""
    if not isinstance(said, dict):
        raise ClaimRefused([words.fault("facts.type", "")])
    faults: list[Fault] = []
    fields = Fields(said, "", faults)
    claim = _claim(fields)
    fields.close()
    if faults or claim is None:
        raise ClaimRefused(faults)
    return claim


def read_claims(text: str | bytes) -> Reading:
    """The claims of one JSON document; what is no JSON at all is one refusal."""
    try:
        said = _json(text)
    except ValueError:
        return Reading((Refused(None, (words.fault("facts.json", ""),)),))
    if isinstance(said, list):
        return Reading(tuple(map(_claim_or_refused, said)), listed=True)
    return Reading((_claim_or_refused(said),))


def _claim_or_refused(said: object) -> Claim | Refused:
    try:
        return claim_from(said)
    except ClaimRefused as refusal:
        return Refused(_named(said), refusal.faults)


def _named(said: object) -> str | None:
    """The id to echo of a refused claim, if it has a usable one."""
    if not isinstance(said, dict):
        return None
    return Fields(said, "", []).may("id", ID_OR_NULL, None)


def _json(text: str | bytes) -> object:
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > BYTES_LIMIT:
        raise ValueError("over the limits")
    try:
        said: object = json.loads(
            raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except RecursionError as wrong:
        raise ValueError("nested too deeply") from wrong
    if isinstance(said, list) and len(said) > CLAIMS_LIMIT:
        raise ValueError("over the limits")
    return said


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    # Of two equal keys one would win unseen: two programs could read two sums.
    said: dict[str, object] = {}
    for name, value in pairs:
        if name in said:
            raise ValueError("a repeated key")
        said[name] = value
    return said


def _no_constant(name: str) -> object:
    raise ValueError(name)


# -- the tables of the contract, each in its order -------------------------------------


def _claim(f: Fields) -> Claim | None:
    if f.need("contract", TEXT) != CONTRACT and f.sound("contract"):
        f.fault("facts.contract", "contract")
    name = f.may("id", ID_OR_NULL, None)
    rule_set = f.may("rule_set", ID, DEFAULT_RULE_SET)
    person = f.need_part("person", _person)
    trips = _trips(f, rule_set=rule_set, grade=person.grade if person else 2)
    standing = f.part("standing", _standing)
    recovery = f.each("recovery", _recovery)
    if person is None:
        return None
    return Claim(name, rule_set, person, trips, standing, recovery)


def _person(f: Fields) -> Person:
    return Person(
        id=f.need("id", ID),
        grade=f.need("grade", GRADE),
        dedicated_car=f.may("dedicated_car", FLAG, default=False),
        hired_driver=f.may("hired_driver", FLAG, default=False),
    )


def _trips(f: Fields, *, rule_set: str, grade: int) -> tuple[Trip, ...]:
    if f.length("trips") > TRIPS_LIMIT:
        f.reject("facts.range", "trips", f"≤ {TRIPS_LIMIT}")
        return ()
    read = partial(_trip, rule_set=rule_set, grade=grade, seen=set())
    trips = f.each("trips", read)
    alone = not (f.has("standing") or f.length("recovery"))
    if not f.has("trips") or (f.sound("trips") and not f.length("trips") and alone):
        f.fault("facts.missing", "trips")
    return trips


def _standing(f: Fields) -> Standing:
    return Standing(
        month=f.need("month", MONTH),
        monthly_amount=f.need("monthly_amount", WON),
        days=f.need("days", whole(0, 31)),
    )


def _recovery(f: Fields) -> Recovery:
    return Recovery(
        id=f.need("id", ID),
        amount=f.need("amount", WON),
        received_on=f.need("received_on", DATE),
        fraud=f.need("fraud", FLAG),
    )


def _trip(f: Fields, *, rule_set: str, grade: int, seen: set[str]) -> Trip:
    name = _unseen_id(f, seen)
    starts_at = f.need("starts_at", TIME)
    ends_at = f.need("ends_at", TIME)
    if f.sound("starts_at", "ends_at") and ends_at < starts_at:
        f.fault("trip.end_before_start", "ends_at")
    dates = Dates.of(starts_at, ends_at) if f.sound("starts_at", "ends_at") else None
    # Nobody decided, so both units are compared.
    unit = _unit if f.has("same_unit") or f.has("area_decided") else _needed_unit
    return Trip(
        id=name,
        starts_at=starts_at,
        ends_at=ends_at,
        time_known=f.may("time_known", FLAG, default=True),
        rule_set=f.may("rule_set", ID, rule_set),
        booked_on=f.may("booked_on", DATE, None),
        ordered=f.may("ordered", FLAG, default=True),
        grade=f.may("grade", GRADE, grade),
        follows_senior=f.may("follows_senior", FLAG, default=False),
        workplace=f.part_or_empty("workplace", partial(_workplace, unit=unit), NOWHERE),
        destination=f.part_or_empty("destination", partial(_destination, unit=unit), NOWHERE),
        same_unit=f.may("same_unit", FLAG, None),
        area_decided=f.part("area_decided", _area_decided),
        distances=f.each("distances", _distance),
        evidenced=f.part_or_empty("evidenced", _evidenced, NEVER),
        public_car=f.may("public_car", word("none", "part", "whole"), "none"),
        public_car_dates=_car_dates(f, dates),
        actual_costs=f.each("actual_costs", _actual_cost),
        fares=f.each("fares", _fare),
        nights=f.each("nights", partial(_night, dates=dates, seen=set())),
        meals_provided=f.each("meals_provided", partial(_meals, dates=dates)),
        not_needed_dates=_trip_dates(f, "not_needed_dates", dates),
        stay=f.part("stay", _stay),
        other_payer=f.each("other_payer", _other_payer),
        claimed_on=f.may("claimed_on", DATE, None),
        already_paid=f.may("already_paid", WON, 0),
        standing_duty=f.may("standing_duty", FLAG, default=False),
    )


def _unseen_id(f: Fields, seen: set[str]) -> str:
    name = f.need("id", ID)
    if f.sound("id"):
        if name in seen:
            f.fault("trip.duplicate_id", "id")
        seen.add(name)
    return name


def _needed_unit(f: Fields) -> str | None:
    return f.need("unit", UNIT)


def _unit(f: Fields) -> str | None:
    return f.may("unit", UNIT, None)


def _workplace(f: Fields, *, unit: Callable[[Fields], str | None]) -> Place:
    return Place(
        unit=unit(f),
        island=f.may("island", ID, None),
        name=f.may("name", TEXT, None),
        same_site=False,
    )


def _destination(f: Fields, *, unit: Callable[[Fields], str | None]) -> Place:
    place = _workplace(f, unit=unit)
    return replace(place, same_site=f.may("same_site", FLAG, default=False))


def _area_decided(f: Fields) -> AreaDecided:
    return AreaDecided(f.need("area", word("in", "out")), f.need("reason", TEXT))


def _distance(f: Fields) -> Distance:
    start = f.need("from", word("workplace", "start"))
    one_way_m = f.need("one_way_m", METRES)
    return Distance(
        start=start,
        one_way_m=one_way_m,
        round_trip_m=f.may("round_trip_m", METRES, 2 * one_way_m),
        method=f.need("method", METHOD),
    )


def _evidenced(f: Fields) -> Evidenced:
    between = Evidenced(f.may("starts_at", TIME, None), f.may("ends_at", TIME, None))
    if f.sound("starts_at", "ends_at") and (between.seconds or 0) < 0:
        f.fault("trip.end_before_start", "ends_at")
    return between


def _car_dates(f: Fields, dates: Dates | None) -> tuple[date, ...] | None:
    given = _trip_dates(f, "public_car_dates", dates)
    return given if f.has("public_car_dates") else None


def _trip_dates(f: Fields, name: str, dates: Dates | None) -> tuple[date, ...]:
    return f.all_of(name, _within(dates))


def _within(dates: Dates | None) -> Kind[date]:
    """A date of the trip; any date while the trip's own are unknown."""
    return DATE if dates is None else date_between(dates.first, dates.last)


def _actual_cost(f: Fields) -> ActualCost:
    return ActualCost(
        kind=f.need("kind", word("taxi", "bus", "metro", "parking", "other")),
        amount=f.need("amount", WON),
        evidence=f.may("evidence", EVIDENCE_KIND, "none"),
        evidence_date=f.may("evidence_date", DATE, None),
    )


def _fare(f: Fields) -> Fare:
    day = f.need("date", DATE)
    mode = f.need("mode", word(*MODES))
    priced = f.sound("mode") and mode not in ("private_car", "public_vehicle")
    fare = Fare(
        day=day,
        mode=mode,
        amount=f.need("amount", WON) if priced else f.may("amount", WON, None),
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
    if f.sound("mode") and mode == "private_car":
        _private_car_needs(f, fare)
    return fare


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


def _night(f: Fields, *, dates: Dates | None, seen: set[date]) -> Night:
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


def _meals(f: Fields, *, dates: Dates | None) -> MealsProvided:
    return MealsProvided(f.need("date", _within(dates)), f.need("meals", whole(1, 3)))


def _stay(f: Fields) -> Stay:
    return Stay(f.need("arrived_on", DATE), f.all_of("away_dates", DATE))


def _other_payer(f: Fields) -> OtherPayer:
    return OtherPayer(
        item=f.need("item", word(*ITEMS)),
        amount=f.need("amount", WON),
        who=f.may("who", TEXT, ""),
    )
