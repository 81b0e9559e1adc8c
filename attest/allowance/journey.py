"""An out-of-area trip while its rules are asked, and what is common to their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from . import words_out as words
from .claim import Trip
from .rules import Ask
from .sheet import PAYABLE, REFUSED, Sheet
from .words import Words


@dataclass(frozen=True, slots=True)
class Journey:
    trip: Trip
    sheet: Sheet
    # R37: settlement was asked for after its deadline.
    late: bool

    @property
    def grade(self) -> int:
        """R33: who attends a senior travels as they do."""
        return 1 if self.trip.follows_senior else self.trip.grade

    def write_paper_sum(
        self,
        item: str,
        amount: int,
        *,
        rule: str,
        why: Words,
        ask: Ask,
        decided_by: str = "",
        inputs: Mapping[str, object] | None = None,
        status: str = PAYABLE,
        also: Sequence[str] = (),
    ) -> None:
        """A line of fare or lodging: R37 may refuse it whole when it comes late."""
        given = dict(inputs or {})
        if self.late and status != REFUSED and ask.word("settlement.late") == "refuse":
            days = ask.number("settlement.days")
            amount, rule, status, also = 0, "R37", REFUSED, ()
            why, decided_by = words.too_late(item, days), "settlement.late"
            given |= {"days": days, "days_after_end": days_after_end(self.trip)}
            given.pop("would_be", None)
        self.sheet.write(
            item,
            amount,
            rule=rule,
            why=why,
            ask=ask,
            decided_by=decided_by,
            inputs=given,
            status=status,
            also=also,
        )


def is_late(trip: Trip, sheet: Sheet) -> bool:
    """R37: day 1 is the day after the end. Whether that refuses anything is a setting."""
    days = Ask(sheet.rules).number("settlement.days")
    after = days_after_end(trip)
    if days == 0 or after is None or after <= days:
        return False
    sheet.warn("claim_late", days_after_end=after, days=days)
    return True


def days_after_end(trip: Trip) -> int | None:
    return None if trip.claimed_on is None else (trip.claimed_on - trip.dates.last).days


def told(day: date | int) -> str:
    return str(date.fromordinal(day) if isinstance(day, int) else day)
