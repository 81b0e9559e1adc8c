"""In-area trips (근무지내): rules R5 to R9, and who gets no flat sum (R7, R10, R43)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from . import words
from .area import distance_of, warn_of_method
from .claim import ActualCost, Distance, Person, Trip
from .proof import FARE, misdated, proved
from .rules import Ask
from .sheet import NEEDS_EVIDENCE, REFUSED, Sheet

HOUR, DAY = 3_600, 86_400
NEAR_BAND_M = 100


def in_area(sheet: Sheet, *, trip: Trip, person: Person, earned: int) -> None:
    """Write the in-area lines. *earned*: what earlier trips of this date brought."""
    _look_at_hours(sheet, trip)
    if not _refused(sheet, trip, person):
        near = _near(sheet, trip)
        if near is not None:
            _actual(sheet, trip, near)
        else:
            _flat(sheet, trip)
            _car(sheet, trip, person)
    _day_cap(sheet, trip.day, earned)


# -- hours -----------------------------------------------------------------------------


def flat_sum(seconds: int, ask: Ask) -> int:
    # "4시간 이상": exactly four hours already earn the full sum.
    full = seconds >= ask.number("in_area.full_seconds")
    return ask.number("in_area.full" if full else "in_area.half")


def counted_seconds(trip: Trip, ask: Ask) -> int:
    """Claimed seconds; evidenced ones if they are known and the rules want them."""
    evidenced = trip.evidenced.seconds
    if ask.word("hours.basis") == "evidenced" and evidenced is not None:
        return evidenced
    return trip.seconds


def _look_at_hours(sheet: Sheet, trip: Trip) -> None:
    ask, evidenced = Ask(sheet.rules), trip.evidenced.seconds
    limit = ask.number("in_area.full_seconds")
    if evidenced is None:
        sheet.warn("hours_not_evidenced")
    elif (trip.seconds >= limit) != (evidenced >= limit):
        sheet.warn(
            "hours_differ",
            claimed_seconds=trip.seconds,
            evidenced_seconds=evidenced,
            claimed_amount=flat_sum(trip.seconds, ask),
            evidenced_amount=flat_sum(evidenced, ask),
        )
    if trip.seconds >= DAY:
        sheet.warn("in_area_over_24h", seconds=trip.seconds)
    if trip.fares or trip.nights or trip.meals_provided:
        sheet.warn("ignored_in_area")


# -- who gets no flat sum --------------------------------------------------------------


def _refused(sheet: Sheet, trip: Trip, person: Person) -> bool:
    ask = sheet.ask()
    if person.dedicated_car:
        rule, why, key = "R7", words.DEDICATED_CAR, ""
    elif _drives(trip, person) and ask.word("in_area.hired_driver") == "none":
        rule, why, key = "R43", words.HIRED_DRIVER, "in_area.hired_driver"
    elif trip.standing_duty:
        rule, why, key = "R10", words.STANDING_DUTY, ""
        sheet.warn("standing_overlap")
    else:
        sheet.before = ask
        return False
    sheet.write("in_area_flat", 0, rule=rule, why=why, ask=ask, decided_by=key, status=REFUSED)
    return True


def _drives(trip: Trip, person: Person) -> bool:
    """Driving is the job only on a trip with the car; other trips are as anyone's."""
    return person.hired_driver and trip.public_car != "none"


# -- the flat sum ----------------------------------------------------------------------


def _flat(sheet: Sheet, trip: Trip) -> None:
    ask = sheet.ask()
    seconds = counted_seconds(trip, ask)
    limit, amount = ask.number("in_area.full_seconds"), flat_sum(seconds, ask)
    if seconds < HOUR and ask.word("in_area.under_one_hour") == "flag":
        sheet.warn("under_one_hour", seconds=seconds)
    sheet.write(
        "in_area_flat",
        amount,
        rule="R5",
        why=words.flat(seconds, limit, amount),
        ask=ask,
        decided_by="in_area.full" if seconds >= limit else "in_area.half",
        inputs={"seconds": seconds, "full_seconds": limit},
    )


def _car(sheet: Sheet, trip: Trip, person: Person) -> None:
    """Once: a hired driver who may claim loses the same sum for the same car."""
    if trip.public_car == "none":
        return
    ask, flat = sheet.ask(), sheet.total
    deduction = ask.number("in_area.car_deduction")
    rule, key = "R6", "in_area.car_deduction"
    if person.hired_driver:
        rule, key = "R43", "in_area.hired_driver"
        ask.word(key)
    less = min(flat, deduction)
    sheet.write(
        "in_area_car_deduction",
        -less,
        rule=rule,
        why=words.car_deduction(less),
        ask=ask,
        decided_by=key,
        inputs={"flat": flat, "car_deduction": deduction},
    )


# -- near the office -------------------------------------------------------------------


def _near(sheet: Sheet, trip: Trip) -> Distance | None:
    """The distance, if it is so short that only actual cost is paid (R9)."""
    sheet.before = ask = sheet.ask()  # the first line answers for this, too
    if ask.word("in_area.near_rule") == "flat":
        return None
    limit_m, distance = ask.number("in_area.near_round_trip_m"), distance_of(trip)
    if distance is None:
        sheet.warn("distance_unknown")
        return None
    warn_of_method(distance, sheet)
    if abs(distance.round_trip_m - limit_m) <= NEAR_BAND_M:
        sheet.warn("distance_band_2km", round_trip_m=distance.round_trip_m, limit_m=limit_m)
    return distance if distance.round_trip_m <= limit_m else None


def _actual(sheet: Sheet, trip: Trip, distance: Distance) -> None:
    costs = [cost for cost in trip.actual_costs if cost.amount]
    shown = [cost for cost in costs if proved(cost, trip.dates, FARE)]
    missing = [cost for cost in costs if not proved(cost, trip.dates, FARE)]
    _warn_of_costs(sheet, trip, costs=costs, missing=missing)
    if shown or not missing:
        _paid_actual(sheet, trip, distance, shown)
    if missing:
        _unpaid_actual(sheet, trip, distance, shown=shown, missing=missing)


def _warn_of_costs(
    sheet: Sheet, trip: Trip, *, costs: list[ActualCost], missing: list[ActualCost]
) -> None:
    if not costs:
        limit_m = Ask(sheet.rules).number("in_area.near_round_trip_m")
        sheet.warn("near_no_cost", limit_m=limit_m)
    if missing:
        sheet.warn("evidence_missing", won=_sum(missing))
    strange = [cost for cost in costs if misdated(cost, trip.dates)]
    if strange:
        sheet.warn("evidence_date", won=_sum(strange))


def _paid_actual(sheet: Sheet, trip: Trip, distance: Distance, shown: list[ActualCost]) -> None:
    ask = sheet.ask()
    near_m = ask.number("in_area.near_round_trip_m")
    amount, inputs = _capped(_sum(shown), trip, ask)
    sheet.write(
        "in_area_actual",
        amount,
        rule="R9",
        why=words.actual(distance.round_trip_m, near_m, amount),
        ask=ask,
        decided_by="in_area.near_round_trip_m",
        inputs=_measure(distance, near_m) | inputs,
    )


def _unpaid_actual(
    sheet: Sheet,
    trip: Trip,
    distance: Distance,
    *,
    shown: list[ActualCost],
    missing: list[ActualCost],
) -> None:
    """What waits for paper. *would_be* is what proof would add to what is paid."""
    ask = sheet.ask()
    near_m = ask.number("in_area.near_round_trip_m")
    paid, _ = _capped(_sum(shown), trip, ask)
    all_of_it, inputs = _capped(_sum(shown) + _sum(missing), trip, ask)
    waiting = {"unproved": _sum(missing), "would_be": all_of_it - paid}
    sheet.write(
        "in_area_actual",
        0,
        rule="R9",
        why=words.actual_unproved(distance.round_trip_m, near_m, _sum(missing)),
        ask=ask,
        decided_by="in_area.near_round_trip_m",
        inputs=_measure(distance, near_m) | inputs | waiting,
        status=NEEDS_EVIDENCE,
    )


def _capped(costs: int, trip: Trip, ask: Ask) -> tuple[int, dict[str, int]]:
    """*costs*, at most the flat sum if the rules say so. Asked only where it bites."""
    seconds = counted_seconds(trip, ask)
    cap = flat_sum(seconds, ask)
    if costs <= cap or not ask.flag("in_area.near_capped"):
        return costs, {"costs": costs}
    limit = ask.number("in_area.full_seconds")
    return cap, {
        "costs": costs,
        "cap": cap,
        "seconds": seconds,
        "full_seconds": limit,
    }


def _measure(distance: Distance, near_m: int) -> dict[str, int]:
    return {"round_trip_m": distance.round_trip_m, "near_round_trip_m": near_m}


def _sum(costs: Iterable[ActualCost]) -> int:
    return sum(cost.amount for cost in costs)


# -- the cap of a day ------------------------------------------------------------------


def _day_cap(sheet: Sheet, day: date, earned: int) -> None:
    """R8: what passes the cap of the date is taken from the trip that passes it."""
    ask = Ask(sheet.rules)
    cap, money = ask.number("in_area.day_cap"), sheet.total
    # Earlier trips may have had a higher cap of their own: then nothing is left.
    over = money - max(cap - earned, 0)
    if over <= 0:
        return
    sheet.write(
        "in_area_day_cap",
        -over,
        rule="R8",
        why=words.day_cap(str(day), cap, -over),
        ask=ask,
        decided_by="in_area.day_cap",
        inputs={"earlier_trips": earned, "this_trip": money, "day_cap": cap},
    )
