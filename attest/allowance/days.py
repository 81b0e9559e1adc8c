"""What a date brings: daily allowance and meals, rules R12, R13, R22, R30 and R31.

A trip may last for years, so its dates are never spelled out: they are cut into runs of
dates that are alike in everything the rules ask.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from . import words_out as words
from .claim import Stay, Trip
from .journey import Journey, told
from .rules import Ask
from .sheet import PAYABLE, REFUSED
from .words import Words

# Arrival and fifteen days of the full rate: from here on R22 would cut something.
LONGEST_WITHOUT_STAY = 16


@dataclass(slots=True)
class Brought:
    """What each date has brought so far: steps over day numbers, nothing at first."""

    _since: list[int] = field(default_factory=lambda: [0])
    _won: list[int] = field(default_factory=lambda: [0])

    def within(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """From *first* to *last*: runs of dates, each with its sum."""
        at = bisect_right(self._since, first) - 1
        while first <= last:
            following = self._since[at + 1] if at + 1 < len(self._since) else last + 1
            until = min(last, following - 1)
            yield first, until, self._won[at]
            first, at = until + 1, at + 1

    def on(self, day: int) -> int:
        return self._won[bisect_right(self._since, day) - 1]

    def raise_to(self, won: int, first: int, last: int) -> None:
        since, higher = [], []
        for start, _, before in self.within(first, last):
            since.append(start)
            higher.append(max(before, won))
        since.append(last + 1)
        higher.append(self.on(last + 1))
        cut = slice(bisect_left(self._since, first), bisect_right(self._since, last + 1))
        self._since[cut], self._won[cut] = since, higher


@dataclass(slots=True)
class Days:
    """R31: the dates of all out-of-area trips of a claim."""

    daily: Brought = field(default_factory=Brought)
    meals: Brought = field(default_factory=Brought)


@dataclass(frozen=True, slots=True)
class _Run:
    """Dates in a row that are alike; numbers of days, the last one included."""

    first: int
    last: int
    needed: bool
    car: bool
    away_or_before: bool
    stayed: int
    provided: int


def days(journey: Journey, brought: Days) -> None:
    """Write the lines of daily allowance and of meals."""
    runs = list(_runs(journey.trip))
    _daily(journey, runs, brought.daily)
    _meals(journey, runs, brought.meals)


# -- the dates -------------------------------------------------------------------------


def _runs(trip: Trip) -> Iterator[_Run]:
    first, last = trip.dates.first.toordinal(), trip.dates.last.toordinal()
    idle = {day.toordinal() for day in trip.not_needed_dates}
    driven = {day.toordinal() for day in trip.public_car_dates or ()}
    provided: Counter[int] = Counter()
    for entry in trip.meals_provided:
        provided[entry.day.toordinal()] += entry.meals
    stays = _Stays.of(trip.stay)
    special = {*idle, *driven, *provided, *stays.away}
    cuts = {first, stays.arrived + 1, *special, *(day + 1 for day in special)}
    starts = sorted(day for day in cuts if first <= day <= last)
    with_car = trip.public_car != "none"
    for start, following in zip(starts, [*starts[1:], last + 1], strict=True):
        yield _Run(
            first=start,
            last=following - 1,
            needed=start not in idle,
            car=with_car and (trip.public_car_dates is None or start in driven),
            away_or_before=not stays.holds_on(start),
            stayed=stays.days_until(start),
            provided=min(provided[start], 3),
        )


@dataclass(frozen=True, slots=True)
class _Stays:
    """R22: how long one has been in the place. Days spent elsewhere do not count."""

    arrived: int
    away: tuple[int, ...]
    there: bool

    @classmethod
    def of(cls, stay: Stay | None) -> _Stays:
        if stay is None:
            return cls(0, (), there=False)
        arrived = stay.arrived_on.toordinal()
        away = {day.toordinal() for day in stay.away_dates}
        return cls(arrived, tuple(sorted(day for day in away if day > arrived)), there=True)

    def holds_on(self, day: int) -> bool:
        at = bisect_left(self.away, day)
        elsewhere = at < len(self.away) and self.away[at] == day
        return self.there and day > self.arrived and not elsewhere

    def days_until(self, day: int) -> int:
        """From the day after arrival to *day*, both counted."""
        return day - self.arrived - bisect_left(self.away, day)


def _by_percent(run: _Run, steps: list[list[int]]) -> Iterator[tuple[int, int, int]]:
    """*run*, cut where the stay passes from one rate to the next."""
    first, stayed = run.first, run.stayed
    for upto, percent in steps:
        until = run.last if upto == 0 else min(run.last, first + upto - stayed)
        if until >= first:
            yield first, until, percent
            stayed += until - first + 1
            first = until + 1


# -- daily allowance -------------------------------------------------------------------


def _daily(journey: Journey, runs: list[_Run], brought: Brought) -> None:
    paid = sum(run.last - run.first + 1 for run in runs if run.needed)
    if paid > LONGEST_WITHOUT_STAY and journey.trip.stay is None:
        journey.sheet.warn("stay_unknown", days=paid)
    lines = _Lines(journey, "daily", brought)
    for run in runs:
        if not run.needed:
            lines.idle(run)
            continue
        asked = Ask(journey.sheet.rules)
        there = not run.away_or_before
        steps = asked.steps("daily.stay_steps") if there else [[0, 100]]
        for first, last, percent in _by_percent(run, steps):
            rate = _rate(percent, asked, car=run.car)
            lines.add(rate, first, last, asked.keys)
    lines.write()


def _rate(percent: int, ask: Ask, *, car: bool) -> _Rate:
    amount = ask.number("daily.amount")
    inputs: dict[str, object] = {"amount": amount}
    also = ["R22"] if percent != 100 else []
    won, over = amount * percent, 100
    if percent != 100:
        inputs["percent"] = percent
    half = ""
    if car:
        parts = ask.number("daily.car_numerator"), ask.number("daily.car_denominator")
        inputs |= {"car_numerator": parts[0], "car_denominator": parts[1]}
        won, over, half = won * parts[0], over * parts[1], f"{parts[0]}/{parts[1]}"
    why = words.daily_rate(percent, half)
    return _Rate(won // over, "R12", tuple(also), "daily.amount", tuple(inputs.items()), why)


# -- meals -----------------------------------------------------------------------------


def _meals(journey: Journey, runs: list[_Run], brought: Brought) -> None:
    lines = _Lines(journey, "meals", brought)
    for run in runs:
        if run.needed:
            ask = Ask(journey.sheet.rules)
            lines.add(_plate(journey.grade, run.provided, ask), run.first, run.last, ask.keys)
        else:
            lines.idle(run)
    lines.write()


def _plate(grade: int, provided: int, ask: Ask) -> _Rate:
    """R13: a third less for each meal that somebody else put on the table."""
    key = "meals.first_grade_amount" if grade == 1 else "meals.amount"
    amount = ask.number(key)
    exact = Fraction(amount * (3 - provided), 3)
    step = Ask(ask.rules).number("rounding.meal_step")
    rate = int(exact // step) * step
    inputs: dict[str, object] = {"amount": amount, "provided": provided}
    # An unverified step is worth a warning only where it takes something away.
    if rate != exact:
        inputs["step"] = ask.number("rounding.meal_step")
    why = words.meals_rate(provided)
    return _Rate(rate, "R13", (), key, tuple(inputs.items()), why)


# -- lines, one a rate -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rate:
    """What one date brings and why; equal ones share a line."""

    won: int
    rule: str
    also: tuple[str, ...]
    key: str
    inputs: tuple[tuple[str, object], ...]
    why: Words


@dataclass(slots=True)
class _Lines:
    journey: Journey
    item: str
    brought: Brought
    # By rate and by what an earlier trip already brought that day: number of dates.
    _days: Counter[tuple[_Rate, int]] = field(default_factory=Counter)
    _keys: dict[_Rate, set[str]] = field(default_factory=dict)
    _idle: int = 0
    _found: list[tuple[int, int, int]] = field(default_factory=list)
    # Runs of dates an earlier trip had: their first day, and how many.
    _already: list[tuple[int, int]] = field(default_factory=list)

    def idle(self, run: _Run) -> None:
        self._idle += run.last - run.first + 1

    def add(self, rate: _Rate, first: int, last: int, keys: set[str]) -> None:
        self._keys.setdefault(rate, set()).update(keys)
        for start, until, before in self.brought.within(first, last):
            less = min(before, rate.won)
            self._days[rate, less] += until - start + 1
            if less:
                self._already.append((start, until - start + 1))
        self._found.append((rate.won, first, last))

    def write(self) -> None:
        for (rate, less), number in self._days.items():
            self._write(rate, less, number)
        if self._idle:
            self._write_idle()
        if self._already:
            first, number = self._already[0][0], sum(days for _, days in self._already)
            sheet = self.journey.sheet
            sheet.warn("date_already_paid", item=self.item, date=told(first), days=number)
        for won, first, last in self._found:
            self.brought.raise_to(won, first, last)

    def _write(self, rate: _Rate, less: int, number: int) -> None:
        left = rate.won - less
        inputs = {"rate": left, "days": number, **dict(rate.inputs)}
        sheet, also = self.journey.sheet, rate.also
        if less:
            inputs["already_brought"], also = less, (*also, "R31")
        ask = sheet.ask()
        ask.keys |= self._keys[rate]
        sheet.write(
            self.item,
            left * number,
            rule=rate.rule,
            why=words.per_day(self.item, left, number, rate.why, less),
            ask=ask,
            decided_by=rate.key,
            inputs=inputs,
            status=PAYABLE if left else REFUSED,
            also=also,
        )

    def _write_idle(self) -> None:
        """R30: dates the duty did not need; a refusal is a line, never silence."""
        self.journey.sheet.write(
            self.item,
            0,
            rule="R30",
            why=words.not_needed(self.item, self._idle),
            ask=self.journey.sheet.ask(),
            inputs={"days": self._idle},
            status=REFUSED,
        )
