"""``compute(claim, rules)``: what a claim comes to, every sum with its reason.

The order for a trip is R0, the area (R1–R4), the rules of that area, other payers
(R35), the agency's reduction (R34), the odd won (R40). Integers only; rounded down only
where a rule says so. Out-of-area trips are refused by name, never answered with a sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from attest.errors import ClaimRefused, Fault

from . import words
from .area import area_of, no_trip
from .claim import Claim, Standing, Trip
from .facts import CONTRACT
from .in_area import in_area
from .rules import Ask, Rules, RuleSets
from .sheet import REFUSED, Caution, Line, Sheet, caution
from .words import Words


@dataclass(frozen=True, slots=True)
class TripResult:
    id: str
    area: str
    rules: Rules
    claimed_seconds: int
    evidenced_seconds: int | None
    lines: tuple[Line, ...]
    warnings: tuple[Caution, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    def as_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "area": self.area,
            "total": self.total,
            "rule_set": list(self.rules.chain),
            "rule_digest": self.rules.digest,
            "seconds": {
                "claimed": self.claimed_seconds,
                "evidenced": self.evidenced_seconds,
            },
            "lines": [line.as_dict() for line in self.lines],
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class StandingResult:
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    def as_dict(self) -> dict[str, object]:
        return {"lines": [line.as_dict() for line in self.lines], "total": self.total}


@dataclass(frozen=True, slots=True)
class Recover:
    """What is owed back. It stands outside the total of the claim."""

    principal: int
    surcharge: int

    def as_dict(self) -> dict[str, object]:
        return {
            "principal": self.principal,
            "surcharge": self.surcharge,
            "total": self.principal + self.surcharge,
        }


@dataclass(frozen=True, slots=True)
class Result:
    id: str | None
    trips: tuple[TripResult, ...]
    already_paid: int
    standing: StandingResult | None
    recover: Recover | None
    warnings: tuple[Caution, ...]

    @property
    def total(self) -> int:
        standing = self.standing.total if self.standing else 0
        return sum(trip.total for trip in self.trips) + standing

    @property
    def balance(self) -> int:
        """Below zero: to be paid back."""
        return self.total - self.already_paid

    def as_dict(self) -> dict[str, Any]:
        asked = {"standing": self.standing, "recover": self.recover}
        return {
            "contract": CONTRACT,
            "id": self.id,
            "total": self.total,
            "balance": self.balance,
            "trips": [trip.as_dict() for trip in self.trips],
            **{name: part.as_dict() for name, part in asked.items() if part},
            "warnings": [warning.as_dict() for warning in self.warnings],
        }


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
    _settle(cases, claim)
    asked = [*standing.cautions] if standing else []
    return Result(
        id=claim.id,
        trips=tuple(map(_done, cases)),
        already_paid=sum(trip.already_paid for trip in claim.trips),
        standing=StandingResult(tuple(standing.lines)) if standing else None,
        recover=recover,
        warnings=(*_overlaps(claim.trips), *asked),
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
    if area == "out":
        raise ClaimRefused([words.fault("rules.out_of_area", at)])
    return _Case(trip, area, sheet)


def _placed(refusal: ClaimRefused, *, named: str, dated: str) -> Iterator[Fault]:
    """The faults of *refusal*, each at the field that led to it."""
    for fault in refusal.faults:
        path = dated if fault.code == "rules.no_version" else named
        yield fault if fault.path else replace(fault, path=path)


# -- trips, in the order of time -------------------------------------------------------


def _settle(cases: list[_Case], claim: Claim) -> None:
    earned: dict[date, int] = {}
    for case in sorted(cases, key=lambda case: (case.trip.starts_at, case.trip.id)):
        trip, sheet = case.trip, case.sheet
        if reason := no_trip(trip):
            _write_no_trip(sheet, reason)
            continue
        before = earned.get(trip.day, 0)
        in_area(sheet, trip=trip, person=claim.person, earned=before)
        earned[trip.day] = before + sheet.total
        _other_payers(sheet, trip)
        _reduction(sheet)
        _rounding(sheet)
        sheet.warn_unverified()


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


def _other_payers(sheet: Sheet, trip: Trip) -> None:
    """R35: what another body bore is not paid again, item by item."""
    for entry in trip.other_payer:
        left = sheet.total if entry.item == "in_area" else 0
        less = min(entry.amount, left)
        sheet.write(
            "other_payer",
            -less,
            rule="R35",
            why=words.other_payer(entry.who, entry.item, less),
            ask=Ask(sheet.rules),
            inputs={"item": entry.item, "borne": entry.amount, "left": left},
        )


def _reduction(sheet: Sheet) -> None:
    """R34: an agency may cut, never raise; what is left goes down to a won."""
    if "in_area" not in sheet.rules.table.get("reduction", {}):
        return
    ask, left = Ask(sheet.rules), sheet.total
    percent = ask.number("reduction.in_area")
    less = left - left * (100 - percent) // 100
    if less == 0:
        return
    sheet.write(
        "reduction",
        -less,
        rule="R34",
        why=words.reduction(percent, less),
        ask=ask,
        decided_by="reduction.in_area",
        inputs={"item": "in_area", "left": left, "percent": percent},
    )


def _rounding(sheet: Sheet) -> None:
    """R40: the sum of the trip goes down to the step; a line only if won fall off."""
    ask, left = Ask(sheet.rules), sheet.total
    step = ask.number("rounding.trip_step")
    if (less := left % step) == 0:
        return
    sheet.write(
        "rounding",
        -less,
        rule="R40",
        why=words.rounding(step, less),
        ask=ask,
        decided_by="rounding.trip_step",
        inputs={"sum": left, "step": step},
    )


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
