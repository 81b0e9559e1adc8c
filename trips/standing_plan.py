"""What a sheet of standing allowances would do: the fate of every row, before anything is done.

new      it would be written down
same     it stands there already, with this sum
refused  nothing is done; the code says why
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Organisation, Person
from accounts.previews import counts_of, digest_over
from attest.values import month_bounds, month_of
from trips.models import StandingAllowance, State, Trip
from trips.sheet_people import chunks, people_numbered
from trips.standing import taken
from trips.standing_sheet import Entry, column_of

FATES = ("new", "same", "refused")


@dataclass(frozen=True, slots=True)
class Step:
    entry: Entry
    fate: str
    code: str = ""
    person: Person | None = field(default=None, repr=False)

    @property
    def column(self) -> str:
        return self.entry.column or column_of(self.code)


@dataclass(frozen=True, slots=True)
class StandingPlan:
    steps: tuple[Step, ...]

    @property
    def digest(self) -> bytes:
        """Over every row and its fate: what was previewed is what is applied."""
        return digest_over(_said(step) for step in self.steps)

    def counts(self) -> dict[str, int]:
        return counts_of((step.fate for step in self.steps), among=FATES)


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands of the people of the sheet: their allowances, and months with a settled trip."""

    people: dict[str, Person]
    rows: dict[int, list[StandingAllowance]]
    settled: dict[int, set[str]]


def plan_of(organisation: Organisation, entries: Sequence[Entry], *, by: Person) -> StandingPlan:
    """The fate of every row as things stand. Looks; changes nothing."""
    known = _known(organisation, [entry for entry in entries if not entry.code])
    return StandingPlan(tuple(_step(entry, known, by) for entry in entries))


def _step(entry: Entry, known: _Known, by: Person) -> Step:
    person = known.people.get(entry.number) if not entry.code else None
    if person is None:
        return Step(entry, "refused", entry.code or "standing.person-unknown")
    if person.pk == by.pk:
        return Step(entry, "refused", "standing.own", person)
    there = [
        row
        for row in known.rows.get(person.pk, [])
        if row.first < entry.until and row.until > entry.first
    ]
    if any(_same(row, entry) for row in there):
        return Step(entry, "same", "", person)
    if there:
        return Step(entry, "refused", "standing.months-taken", person)
    if any(entry.first <= month < entry.until for month in known.settled.get(person.pk, ())):
        return Step(entry, "refused", "settlement.already", person)
    return Step(entry, "new", "", person)


def _same(row: StandingAllowance, entry: Entry) -> bool:
    stands = (row.first, row.until, row.monthly_won)
    return stands == (entry.first, entry.until, entry.won)


def _known(organisation: Organisation, sound: Sequence[Entry]) -> _Known:
    people = people_numbered(organisation, {entry.number for entry in sound})
    rows: defaultdict[int, list[StandingAllowance]] = defaultdict(list)
    settled: defaultdict[int, set[str]] = defaultdict(set)
    if not sound:
        return _Known(people, rows, settled)
    first, until = min(e.first for e in sound), max(e.until for e in sound)
    trips = Trip.objects.filter(
        state=State.SETTLED,
        starts_at__gte=month_bounds(first)[0],
        starts_at__lt=month_bounds(until)[0],
    )
    for some in chunks([person.pk for person in people.values()]):
        for row in taken(first, until).filter(person__in=some):
            rows[row.person_id].append(row)
        paid = trips.filter(traveller__in=some).values_list("traveller", "starts_at")
        for person, at in paid.iterator(chunk_size=2_000):
            settled[person].add(month_of(at))
    return _Known(people, rows, settled)


def _said(step: Step) -> list[object]:
    entry = step.entry
    return [
        entry.line,
        step.fate,
        step.code,
        entry.number,
        entry.first,
        entry.until,
        entry.won,
        entry.reason,
    ]
