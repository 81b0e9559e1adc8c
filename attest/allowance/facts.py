"""Facts of a claim, contract ``allowance/1`` (travel-expenses.md §2).

JSON goes in, frozen values come out. A claim with a fault is refused whole, with every
fault it has, in the order in which the tables of the contract list the fields; names
the contract does not list come last in their object. Nothing is looked up or guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from attest.errors import ClaimRefused, Fault

from . import words
from .claim import (
    ITEMS,
    NEVER,
    NOWHERE,
    AreaDecided,
    Claim,
    Dates,
    Distance,
    Evidenced,
    MealsProvided,
    OtherPayer,
    Person,
    Place,
    Recovery,
    Standing,
    Stay,
    Trip,
)
from .document import read_json
from .facts_costs import actual_cost, fare_from, night_from
from .reading import (
    DATE,
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
    Fields,
    Kind,
    date_between,
    whole,
    word,
)

CONTRACT = "allowance/1"
DEFAULT_RULE_SET = "kr-national"
TRIPS_LIMIT = 200

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
    """Stands in the place of facts that cannot be used."""

    id: str | None
    faults: tuple[Fault, ...]
    contract: str = CONTRACT

    def as_dict(self) -> dict[str, object]:
        errors = [{"code": f.code, "path": f.path, "ko": f.ko, "en": f.en} for f in self.faults]
        return {"contract": self.contract, "id": self.id, "errors": errors}


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
        said = read_json(text)
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
    name = unseen_id(f, seen)
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
        evidenced=f.part_or_empty("evidenced", evidenced_from, NEVER),
        public_car=f.may("public_car", word("none", "part", "whole"), "none"),
        public_car_dates=_car_dates(f, dates),
        actual_costs=f.each("actual_costs", actual_cost),
        fares=f.each("fares", fare_from),
        nights=f.each("nights", partial(night_from, dates=dates, seen=set())),
        meals_provided=f.each("meals_provided", partial(_meals, dates=dates)),
        not_needed_dates=_trip_dates(f, "not_needed_dates", dates),
        stay=f.part("stay", _stay),
        other_payer=f.each("other_payer", _other_payer),
        claimed_on=f.may("claimed_on", DATE, None),
        already_paid=f.may("already_paid", WON, 0),
        standing_duty=f.may("standing_duty", FLAG, default=False),
    )


def unseen_id(f: Fields, seen: set[str]) -> str:
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


def evidenced_from(f: Fields) -> Evidenced:
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
