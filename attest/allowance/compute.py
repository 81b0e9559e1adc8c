"""``compute(claim, rules)``: what a claim comes to, every sum with its reason.

The order for a trip is R0, the area (R1–R4), the rules of that area, other payers
(R35), the agency's reduction (R34), the odd won (R40). Integers and fractions only;
rounded down only where a rule says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from attest.errors import ClaimRefused, Fault

from . import words
from .after import other_payers, reduction, rounding
from .area import area_of, no_trip
from .claim import Claim, Standing, Trip
from .days import Days
from .fares import unknown_fuels
from .in_area import in_area
from .out_of_area import money_on, out_of_area
from .result import Recover, Result, StandingResult, TripResult
from .rules import Ask, RuleSets
from .sheet import REFUSED, Caution, Sheet, caution
from .words import Words


@dataclass(frozen=True, slots=True)
class _Case:
    """A trip with its rules picked and its area known."""

    trip: Trip
    area: str
    sheet: Sheet


def compute(claim: Claim, rules: RuleSets) -> Result:
    """What *claim* comes to, or ``ClaimRefused`` with every fault the rules find."""
    faults: list[Fault] = []
    cases = _cases(claim, rules, faults)
    standing = _standing(claim, rules, faults)
    recover = _recover(claim, rules, faults)
    if faults:
        raise ClaimRefused(faults)
    mixed = _settle(cases, claim)
    asked = [*standing.cautions] if standing else []
    return Result(
        id=claim.id,
        trips=tuple(map(_done, cases)),
        already_paid=sum(trip.already_paid for trip in claim.trips),
        standing=StandingResult(standing.rules, tuple(standing.lines)) if standing else None,
        recover=recover,
        warnings=(*_overlaps(claim.trips), *mixed, *asked),
    )


# -- which rules, which area -----------------------------------------------------------


def _cases(claim: Claim, rules: RuleSets, faults: list[Fault]) -> list[_Case]:
    cases = []
    for n, trip in enumerate(claim.trips):
        at = f"trips[{n}]"
        named = "rule_set" if trip.rule_set == claim.rule_set else f"{at}.rule_set"
        try:
            cases.append(_case(trip, Sheet(rules.on(trip.rule_set, trip.day)), at))
        except ClaimRefused as refusal:
            faults += _placed(refusal, named=named, dated=f"{at}.starts_at")
    return cases


def _case(trip: Trip, sheet: Sheet, at: str) -> _Case:
    if no_trip(trip):
        return _Case(trip, "none", sheet)
    area = area_of(trip, sheet)
    if area == "out" and (unknown := [*unknown_fuels(trip, sheet.rules)]):
        raise ClaimRefused([words.fault("rules.fuel", f"{at}.fares[{n}].fuel") for n in unknown])
    return _Case(trip, area, sheet)


def _placed(refusal: ClaimRefused, *, named: str, dated: str) -> Iterator[Fault]:
    """The faults of *refusal*, each at the field that led to it."""
    for fault in refusal.faults:
        path = dated if fault.code == "rules.no_version" else named
        yield fault if fault.path else replace(fault, path=path)


# -- trips, in the order of time -------------------------------------------------------


def _settle(cases: list[_Case], claim: Claim) -> list[Caution]:
    """Write every trip; what strikes the eye between them is returned."""
    earned: dict[date, int] = {}
    near: defaultdict[date, list[str]] = defaultdict(list)
    brought = Days()
    for case in sorted(cases, key=lambda case: (case.trip.starts_at, case.trip.id)):
        trip, sheet = case.trip, case.sheet
        if reason := no_trip(trip):
            _write_no_trip(sheet, reason)
            continue
        if case.area == "in":
            before = earned.get(trip.day, 0)
            in_area(sheet, trip=trip, person=claim.person, earned=before)
            earned[trip.day] = before + sheet.total
            near[trip.day] += [trip.id] if sheet.total else []
        else:
            out_of_area(sheet, trip=trip, brought=brought)
        other_payers(sheet, trip)
        reduction(sheet)
        rounding(sheet)
        sheet.warn_unverified()
    away = [case.trip for case in cases if case.area == "out"]
    return list(_mixed_days(near, away, brought))


def _mixed_days(near: dict[date, list[str]], away: list[Trip], brought: Days) -> Iterator[Caution]:
    for day, ids in sorted(near.items()):
        # Asked of the day before the trips are looked through: few days have money of both.
        if not ids or not money_on(day, brought):
            continue
        if out := [trip.id for trip in away if day in trip.dates]:
            yield caution("mixed_areas_same_day", date=str(day), trips=sorted([*ids, *out]))


def _done(case: _Case) -> TripResult:
    return TripResult(
        id=case.trip.id,
        area=case.area,
        rules=case.sheet.rules,
        claimed_seconds=case.trip.seconds,
        evidenced_seconds=case.trip.evidenced.seconds,
        lines=tuple(case.sheet.lines),
        warnings=tuple(case.sheet.cautions),
    )


def _write_no_trip(sheet: Sheet, reason: Words) -> None:
    why = words.not_payable(reason)
    sheet.write("not_payable", 0, rule="R0", why=why, ask=sheet.ask(), status=REFUSED)


# -- beside the trips ------------------------------------------------------------------


def _overlaps(trips: tuple[Trip, ...]) -> Iterator[Caution]:
    """Each trip that meets an earlier one, beside the one of those that ends last."""
    clocked = sorted(
        (trip for trip in trips if trip.time_known),
        key=lambda trip: (trip.starts_at, trip.ends_at, trip.id),
    )
    longest: Trip | None = None
    for trip in clocked:
        if longest and _overlap(longest, trip):
            yield caution("trips_overlap", trips=sorted([longest.id, trip.id]))
        if longest is None or trip.ends_at > longest.ends_at:
            longest = trip


def _overlap(one: Trip, other: Trip) -> bool:
    # Ends that touch share no moment.
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _standing(claim: Claim, rules: RuleSets, faults: list[Fault]) -> Sheet | None:
    """R10: the monthly sum, by the days on duty where they are few."""
    if (standing := claim.standing) is None:
        return None
    try:
        sheet = Sheet(rules.on(claim.rule_set, standing.month))
        _write_standing(sheet, standing)
    except ClaimRefused as refusal:
        faults += _placed(refusal, named="rule_set", dated="standing.month")
        return None
    sheet.warn_unverified()
    return sheet


def _write_standing(sheet: Sheet, standing: Standing) -> None:
    ask, monthly, days = sheet.ask(), standing.monthly_amount, standing.days
    full_days = ask.number("standing.full_days")
    inputs = {"monthly_amount": monthly, "days": days, "full_days": full_days}
    won = monthly
    if days < full_days:
        inputs["divisor"] = ask.number("standing.divisor")
        won = monthly * days // inputs["divisor"]
    amount = _stepped(won, ask, inputs)
    sheet.write(
        "standing",
        amount,
        rule="R10",
        why=words.standing(days, amount),
        ask=ask,
        decided_by="standing.full_days",
        inputs=inputs,
    )


def _stepped(won: int, ask: Ask, inputs: dict[str, int]) -> int:
    step = Ask(ask.rules).number("rounding.trip_step")
    inputs["step"] = step
    # An unverified step is worth a warning only where it takes something away.
    if won % step:
        ask.number("rounding.trip_step")
    return won - won % step


def _recover(claim: Claim, rules: RuleSets, faults: list[Fault]) -> Recover | None:
    """R38: what was received wrongly, and a multiple of it where it was by fraud."""
    if not claim.recovery:
        return None
    surcharge = 0
    for n, entry in enumerate(claim.recovery):
        try:
            ask = Ask(rules.on(claim.rule_set, entry.received_on))
            multiplier = ask.number("clawback.multiplier")
        except ClaimRefused as refusal:
            dated = f"recovery[{n}].received_on"
            faults += _placed(refusal, named="rule_set", dated=dated)
            continue
        surcharge += entry.amount * multiplier if entry.fraud else 0
    return Recover(sum(entry.amount for entry in claim.recovery), surcharge)
