"""Fares, one line a segment: rules R23 to R29, R32, R36 and R44."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from . import proof
from . import words_out as words
from .claim import Fare, Trip
from .journey import Journey, told
from .rules import Ask, Rules
from .sheet import NEEDS_EVIDENCE, REFUSED
from .words import Words


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a segment costs by the rules; *won* is none where a fact is missing."""

    won: int | None
    rule: str
    reason: Words
    inputs: dict[str, object]
    key: str = ""
    also: tuple[str, ...] = ()


def fares(journey: Journey) -> None:
    for fare in journey.trip.fares:
        _warn_of(journey, fare)
        if refusal := _refusal(fare, journey.trip):
            rule, reason = refusal
            _write_refused(journey, fare, rule, reason)
        else:
            _write(journey, fare)


def unknown_fuels(trip: Trip, rules: Rules) -> Iterator[int]:
    """R27: which fares need an efficiency that the rule set does not have."""
    known = rules.table.get("fuel", {})
    for n, fare in enumerate(trip.fares):
        asked = fare.mode == "private_car" and not _refusal(fare, trip) and _by_road(fare)
        if asked and fare.own_car.fuel not in known:
            yield n


# -- what the rules never pay ----------------------------------------------------------


def _refusal(fare: Fare, trip: Trip) -> tuple[str, Words] | None:
    if fare.status == "cancelled":
        return "R44", words.CANCELLED
    if fare.mode == "public_vehicle" or trip.public_car == "whole":
        return "R24", words.PUBLIC_CAR
    if fare.mode == "private_car" and fare.own_car.role == "passenger":
        return "R28", words.PASSENGER
    taxi_by_choice = fare.mode == "taxi" and not fare.unavoidable
    if fare.purpose == "access" or fare.mode == "parking" or taxi_by_choice:
        return "R29", words.IN_DAILY
    return None


def _warn_of(journey: Journey, fare: Fare) -> None:
    if fare.status == "cancelled":
        journey.sheet.warn("evidence_cancelled", mode=fare.mode, date=told(fare.day))
    if journey.trip.public_car == "whole" and fare.mode != "public_vehicle":
        journey.sheet.warn("fare_with_public_car", mode=fare.mode, date=told(fare.day))


def _write_refused(journey: Journey, fare: Fare, rule: str, reason: Words) -> None:
    claimed = {} if fare.amount is None else {"claimed": fare.amount}
    journey.write_paper_sum(
        "fare",
        0,
        rule=rule,
        why=words.fare(fare.mode, told(fare.day), 0, reason),
        ask=journey.sheet.ask(),
        inputs=claimed,
        status=REFUSED,
    )


# -- what they pay ---------------------------------------------------------------------


def _write(journey: Journey, fare: Fare) -> None:
    ask = journey.sheet.ask()
    own_car = fare.mode == "private_car"
    cost = _own_car(journey, fare, ask) if own_car else _ticket(journey, fare)
    accepted = proof.OWN_CAR if own_car else proof.FARE
    shown = proof.proved(fare, journey.trip.dates, accepted)
    if proof.misdated(fare, journey.trip.dates):
        journey.sheet.warn("evidence_date", item="fare", date=told(fare.day))
    # A private car always needs its proof; a ticket where the rule set asks for one.
    waits = not shown and (own_car or ask.flag("evidence.required"))
    if not shown:
        journey.sheet.warn("evidence_missing", item="fare", date=told(fare.day))
    if waits or cost.won is None:
        _write_waiting(journey, fare, cost, ask, shown=shown)
        return
    journey.write_paper_sum(
        "fare",
        cost.won,
        rule=cost.rule,
        why=words.fare_shown(fare.mode, told(fare.day), cost.won, cost.reason, fare.evidence),
        ask=ask,
        decided_by=cost.key,
        inputs=cost.inputs,
        also=cost.also,
    )


def _write_waiting(journey: Journey, fare: Fare, cost: _Cost, ask: Ask, *, shown: bool) -> None:
    inputs = dict(cost.inputs)
    if cost.won is not None:
        inputs["would_be"] = cost.won
    journey.write_paper_sum(
        "fare",
        0,
        rule=cost.rule if shown or fare.mode == "private_car" else "R36",
        why=words.fare(fare.mode, told(fare.day), 0, cost.reason if shown else words.UNPROVED),
        ask=ask,
        decided_by=cost.key if shown else "evidence.required",
        inputs=inputs,
        status=NEEDS_EVIDENCE,
        also=("R44",),
    )


def _ticket(journey: Journey, fare: Fare) -> _Cost:
    """R23: what was paid; at most the standard seat, for who may claim no other."""
    amount = fare.amount or 0
    inputs: dict[str, object] = {"amount": amount}
    if fare.seat == "superior" and journey.grade == 2:
        journey.sheet.warn("class_above_grade", mode=fare.mode, date=told(fare.day))
        if fare.standard_amount is None:
            return _Cost(None, "R23", words.STANDARD_UNKNOWN, inputs)
        inputs["standard_amount"] = fare.standard_amount
        if fare.standard_amount < amount:
            seat = _Cost(fare.standard_amount, "R23", words.STANDARD_SEAT, inputs)
            return _capped(seat, fare)
    return _capped(_Cost(amount, "R23", words.AS_PAID, inputs), fare)


def _capped(cost: _Cost, fare: Fare) -> _Cost:
    """R32: from home, at most what the way from the workplace costs."""
    if cost.won is None or fare.cap_amount is None:
        return cost
    inputs = {**cost.inputs, "cap_amount": fare.cap_amount}
    if cost.won <= fare.cap_amount:
        return _Cost(cost.won, cost.rule, cost.reason, inputs, cost.key, cost.also)
    return _Cost(
        fare.cap_amount, cost.rule, words.FROM_WORKPLACE, inputs, cost.key, (*cost.also, "R32")
    )


# -- a car of one's own ----------------------------------------------------------------


def _own_car(journey: Journey, fare: Fare, ask: Ask) -> _Cost:
    if fare.unavoidable and not fare.own_car.reason.strip():
        journey.sheet.warn("reason_missing", date=told(fare.day))
    if _by_road(fare):
        return _capped(_driven(fare, ask), fare)
    won = fare.own_car.public_transport_fare or 0
    inputs: dict[str, object] = {"public_transport_fare": won}
    return _capped(_Cost(won, "R25", words.AS_BY_PUBLIC_TRANSPORT, inputs), fare)


def _by_road(fare: Fare) -> bool:
    """R26: driving could not be avoided, for a reason, and the way was told."""
    car = fare.own_car
    return fare.unavoidable and bool(car.reason.strip()) and car.distance_m is not None


def _driven(fare: Fare, ask: Ask) -> _Cost:
    """R26, R4: fuel for the shorter way, and what the road itself cost."""
    car, key = fare.own_car, f"fuel.{fare.own_car.fuel}"
    lengths = [m for m in (car.distance_m, car.workplace_distance_m) if m is not None]
    price, efficiency = car.fuel_price or 0, ask.word(key)
    km = Fraction(min(lengths), 1_000)
    fuel = int(km / Fraction(efficiency) * Fraction(price))
    inputs: dict[str, object] = {
        "distance_m": min(lengths),
        "km_per_unit": efficiency,
        "fuel_price": f"{price:f}",
        "fuel": fuel,
        "toll": car.toll,
        "parking": car.parking,
    }
    won = fuel + car.toll + car.parking
    return _Cost(won, "R26", words.driven(fuel, car.toll, car.parking), inputs, key)
