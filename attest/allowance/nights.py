"""Lodging: rules R14 to R21."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import proof
from . import words_out as words
from .claim import Night
from .journey import Journey, days_after_end, told
from .rules import Ask
from .sheet import NEEDS_EVIDENCE, PAYABLE, REFUSED

# R16: by the first two digits of a code; every other place is "other".
CLASSES = {"11": "seoul", **dict.fromkeys(["26", "27", "28", "30", "31"], "metropolitan")}
GWANGJU = "29"
BILLED = {"paid", "shared"}


@dataclass(frozen=True, slots=True)
class _Bill:
    """A night somebody was paid for: what it cost, and the cap of where one slept."""

    night: Night
    paid: int
    # Of the whole room.
    cap: int
    key: str
    shown: bool
    asked: frozenset[str]

    @property
    def may_exceed(self) -> bool:
        return self.night.unavoidable and self.night.evidence == "card" and self.shown


@dataclass(frozen=True, slots=True)
class _Sums:
    """R14, R17: the cap works on the sums of the whole trip."""

    paid: int
    cap: int | None  # R15: none for grade 1
    # R18: the most that may be paid of what is over the cap.
    excused: int
    asked: frozenset[str]

    @property
    def within(self) -> int:
        return self.paid if self.cap is None else min(self.paid, self.cap)

    @property
    def excess(self) -> int:
        return self.paid - self.within

    def beside(self, bill: _Bill) -> _Sums:
        cap = None if self.cap is None else self.cap + bill.cap
        return _Sums(self.paid + bill.paid, cap, self.excused, self.asked | bill.asked)


def nights(journey: Journey) -> None:
    bills = [_bill(journey, night) for night in journey.trip.nights if night.kind in BILLED]
    required = Ask(journey.sheet.rules).flag("evidence.required")
    counted = [bill for bill in bills if bill.shown or not required]
    sums = _sums(journey, counted)
    _warn_of(journey, bills)
    if counted:
        _write_counted(journey, counted, sums)
    for bill in bills:
        if required and not bill.shown:
            _write_waiting(journey, bill, sums)
    _write_unpaid_kinds(journey)
    _write_relatives(journey)
    for bill in bills:
        if bill.night.shared is not None:
            _write_shared(journey, bill)


def _bill(journey: Journey, night: Night) -> _Bill:
    ask = Ask(journey.sheet.rules)
    shown = proof.proved(night, journey.trip.dates, proof.LODGING)
    if not shown:
        ask.flag("evidence.required")
    # R15: a night of grade 1 pays no heed to caps, nor does its line read them.
    each, key = 0, "lodging.first_grade_capped"
    if journey.grade == 2 or ask.flag(key):
        key = f"lodging.{_class_of(night, ask)}"
        each = ask.number(key)
    heads, paid = 1, night.paid or 0
    if night.kind == "shared" and night.shared is not None:
        heads, paid = night.shared.heads, night.shared.total
    return _Bill(night, paid, each * heads, key, shown, frozenset(ask.keys))


def _class_of(night: Night, ask: Ask) -> str:
    if night.city_class is not None:
        return night.city_class
    province = (night.unit or "")[:2]
    if province == GWANGJU:
        return ask.word("lodging.gwangju_class")
    return CLASSES.get(province, "other")


def _warn_of(journey: Journey, bills: Sequence[_Bill]) -> None:
    for bill in bills:
        if not bill.shown:
            journey.sheet.warn("evidence_missing", item="lodging", date=told(bill.night.day))
        if proof.misdated(bill.night, journey.trip.dates):
            journey.sheet.warn("evidence_date", item="lodging", date=told(bill.night.day))


# -- the sums of the trip --------------------------------------------------------------


def _sums(journey: Journey, bills: Sequence[_Bill]) -> _Sums:
    ask, asked = Ask(journey.sheet.rules), frozenset[str]().union(*(bill.asked for bill in bills))
    paid = sum(bill.paid for bill in bills)
    if journey.grade == 1 and not ask.flag("lodging.first_grade_capped"):
        return _Sums(paid, None, 0, asked)
    cap = sum(bill.cap for bill in bills)
    percent = ask.number("lodging.excess_percent")
    excused = sum(bill.cap for bill in bills if bill.may_exceed)
    return _Sums(paid, cap, excused * percent // 100, asked)


def _write_counted(journey: Journey, bills: Sequence[_Bill], sums: _Sums) -> None:
    ask = journey.sheet.ask()
    ask.keys |= sums.asked
    inputs: dict[str, object] = {"nights": len(bills), "paid": sums.paid}
    if sums.cap is not None:
        inputs["cap"] = sums.cap
    journey.write_paper_sum(
        "lodging",
        sums.within,
        rule="R15" if sums.cap is None else "R14",
        why=words.lodging(sums.paid, sums.cap, sums.within),
        ask=ask,
        decided_by=bills[0].key,
        inputs=inputs,
        also=() if sums.cap is None else ("R17",),
    )
    if sums.excess:
        _write_excess(journey, bills, sums)


def _write_excess(journey: Journey, bills: Sequence[_Bill], sums: _Sums) -> None:
    """R18: some of it, where it could not be avoided, by card, and asked for in time."""
    ask = journey.sheet.ask()
    ask.keys |= sums.asked
    days, after = ask.number("lodging.excess_days"), days_after_end(journey.trip)
    allowed = min(sums.excess, sums.excused)
    inputs: dict[str, object] = {
        "excess": sums.excess,
        "excused_caps": sum(bill.cap for bill in bills if bill.may_exceed),
        "percent": ask.number("lodging.excess_percent"),
        "days": days,
    }
    if allowed < sums.excess:
        journey.sheet.warn("excess_unpaid", won=sums.excess - allowed)
    amount, status, why = allowed, PAYABLE, words.excess(sums.excess, allowed)
    if not allowed:
        status, why = REFUSED, words.excess_refused(sums.excess)
    elif after is None:
        journey.sheet.warn("claim_date_missing", won=allowed)
        inputs["would_be"] = allowed
        amount, status, why = 0, NEEDS_EVIDENCE, words.excess_undated(allowed, days)
    elif after > days:
        journey.sheet.warn("excess_late", won=allowed, days=days)
        amount, status, why = 0, REFUSED, words.excess_late(allowed, days)
    if after is not None:
        inputs["days_after_end"] = after
    journey.write_paper_sum(
        "lodging_excess",
        amount,
        rule="R18",
        why=why,
        ask=ask,
        decided_by="lodging.excess_percent",
        inputs=inputs,
        status=status,
    )


def _write_waiting(journey: Journey, bill: _Bill, counted: _Sums) -> None:
    """R36: outside both sums. *would_be* is what proof of this night alone would bring."""
    with_it = counted.beside(bill)
    ask = journey.sheet.ask()
    ask.keys |= with_it.asked
    inputs: dict[str, object] = {"paid": bill.paid, "would_be": with_it.within - counted.within}
    if with_it.cap is not None:
        inputs["cap"] = bill.cap
    journey.write_paper_sum(
        "lodging",
        0,
        rule="R36",
        why=words.night_unproved(told(bill.night.day), bill.paid),
        ask=ask,
        decided_by="evidence.required",
        inputs=inputs,
        status=NEEDS_EVIDENCE,
        also=("R44",),
    )


# -- nights of other kinds -------------------------------------------------------------

_NOTHING = {
    "transit": ("R14", words.TRANSIT),
    "provided": ("R21", words.PROVIDED),
    "shared_member": ("R20", words.SHARED_MEMBER),
}


def _write_unpaid_kinds(journey: Journey) -> None:
    for night in journey.trip.nights:
        if night.kind in _NOTHING:
            rule, reason = _NOTHING[night.kind]
            journey.write_paper_sum(
                "lodging",
                0,
                rule=rule,
                why=words.night_unpaid(told(night.day), reason),
                ask=journey.sheet.ask(),
                status=REFUSED,
            )


def _write_relatives(journey: Journey) -> None:
    """R19: outside the sums of R14, and without a paper."""
    number = sum(night.kind == "relatives" for night in journey.trip.nights)
    if not number:
        return
    ask = journey.sheet.ask()
    each = ask.number("lodging.relatives")
    journey.write_paper_sum(
        "lodging_relatives",
        each * number,
        rule="R19",
        why=words.relatives(each, number),
        ask=ask,
        decided_by="lodging.relatives",
        inputs={"each": each, "nights": number},
    )


def _write_shared(journey: Journey, bill: _Bill) -> None:
    """R20: something for each head the room had space to spare for."""
    shared = bill.night.shared
    if shared is None or not shared.claimed_heads:
        return
    ask = journey.sheet.ask()
    key = "lodging.shared_first_grade_base" if journey.grade == 1 else bill.key
    cap, each = ask.number(key), ask.number("lodging.shared_extra")
    ask.keys |= bill.asked
    heads = 0
    if shared.total <= cap * (shared.heads - 1):
        heads = min(shared.heads + -shared.total // cap, shared.claimed_heads)
    won = each * heads
    inputs: dict[str, object] = {
        "total": shared.total,
        "heads": shared.heads,
        "claimed_heads": shared.claimed_heads,
        "cap": cap,
        "each": each,
    }
    status, why = PAYABLE, words.shared(each, heads)
    if not heads:
        status, why = REFUSED, words.shared_full(shared.total, cap * (shared.heads - 1))
    elif not bill.shown:
        inputs["would_be"] = won
        won, status, why = 0, NEEDS_EVIDENCE, words.night_unproved(told(bill.night.day), bill.paid)
    journey.write_paper_sum(
        "lodging_shared",
        won,
        rule="R20",
        why=why,
        ask=ask,
        decided_by=key,
        inputs=inputs,
        status=status,
    )
