"""A person's trips as the claim that ``attest.allowance`` computes (travel-expenses.md §2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Person
from attest.allowance.area import unit_of
from attest.values import KST
from trips.fuel import priced
from trips.models import CheckIn, Kind, Trip, TripStop, Vehicle
from trips.selectors import newest_assessment, standing

# What a traveller may tell of a trip, beside the day they ask for settlement.
COSTS = (
    *("actual_costs", "fares", "nights", "meals_provided"),
    *("not_needed_dates", "stay", "other_payer"),
)
CAR = {Vehicle.PUBLIC_CAR: "whole"}


def claim_of(trips: Sequence[Trip], *, person: Person) -> dict[str, Any]:
    """The claim over *trips* of *person*: those that share a date with the one in hand.

    The row of a month's standing sum stands alone, and asks for that sum.
    """
    # Few have one: the desk's questions say beforehand who never had (``at_the_desk``).
    allowed = vars(trips[0]).get("allowed", True)
    said: dict[str, Any] = {
        "contract": "allowance/1",
        "rule_set": person.organisation.rule_set,
        "person": {
            "id": person.ref,
            "grade": person.grade,
            "dedicated_car": person.dedicated_car,
            "hired_driver": person.hired_driver,
        },
        "trips": [_trip(trip, person, allowed=allowed) for trip in trips if trip.standing is None],
    }
    asked = [trip.standing for trip in trips if trip.standing is not None]
    return said | ({"standing": asked[0]} if asked else {})


def _trip(trip: Trip, person: Person, *, allowed: bool) -> dict[str, Any]:
    stop = farthest(trip, person)
    said: dict[str, Any] = {
        "id": str(trip.uid),
        "starts_at": _time(trip.starts_at),
        "ends_at": _time(trip.ends_at),
        "ordered": trip.approved_at is not None,
        "workplace": _workplace(person),
        "destination": _destination(stop, person),
        "distances": [
            {
                "from": row.origin,
                "one_way_m": row.one_way_m,
                "round_trip_m": 2 * row.one_way_m,
                "method": row.method,
            }
            for row in trip.distances.all()
        ],
        "public_car": CAR.get(Vehicle(trip.vehicle), "none"),
    }
    if not trip.time_known:
        said["time_known"] = False
    if stop and allowed and on_standing_duty(trip, stop, person):
        said["standing_duty"] = True
    if evidenced := _evidenced(trip):
        said["evidenced"] = evidenced
    return said | priced(trip.costs or {}, office=person.organisation_id) | (trip.decided or {})


def farthest(trip: Trip, person: Person) -> TripStop | None:
    """With several stops: the one outside the home unit if there is any, else the last."""
    stops = list(trip.stops.all())
    away = [stop for stop in stops if stop.unit != person.workplace.unit]
    return (away or stops)[-1] if stops else None


def decided_with(trip: Trip, facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is decided of *trip* once *facts* are; none where the rules alone say it."""
    return None if facts is None else {**(trip.decided or {}), **facts}


def on_standing_duty(trip: Trip, stop: TripStop, person: Person) -> bool:
    """Whether the sum a month of *person* pays it already: within the city or county they serve.

    The month is that of its first day, as for the rules.
    """
    if not any(one.covers(trip.month) for one in person.standing_allowances.all()):
        return False
    return unit_of(stop.unit) == unit_of(person.workplace.unit)


def _workplace(person: Person) -> dict[str, Any]:
    place = person.workplace
    return _known(unit=place.unit, island=place.island, name=place.name)


def _destination(stop: TripStop | None, person: Person) -> dict[str, Any]:
    if stop is None:
        return {}
    compound = person.workplace.compound
    said = _known(unit=stop.unit, island=stop.place.island if stop.place else "", name=stop.text)
    if stop.place and compound and stop.place.compound == compound:
        said["same_site"] = True
    return said


def _known(**fields: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _evidenced(trip: Trip) -> dict[str, str]:
    """First and last touch that can be used: what shows a duration, not what was ordered.

    Where two bounds are all that is known of one, so much counts as is sure.
    """
    usable = [t for t in standing(trip) if newest_assessment(t).verdict != "INVALID"]
    said = {}
    if arrived := [t for t in usable if t.kind != Kind.RETURN]:
        said["starts_at"] = _time(min(touch.made_at for touch in arrived))
    if returned := [t for t in usable if t.kind == Kind.RETURN]:
        said["ends_at"] = _time(max(_surely_made(touch) for touch in returned))
    if len(said) == 2 and said["ends_at"] < said["starts_at"]:
        del said["ends_at"]
    return said


def _surely_made(touch: CheckIn) -> datetime:
    """No later than it can have been made."""
    return touch.earliest_at if touch.earliest_at and not touch.claimed_at else touch.made_at


def _time(at: datetime) -> str:
    return at.astimezone(KST).replace(microsecond=0).isoformat()
