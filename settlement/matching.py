"""Which row of a sheet is which trip: by person, time and place. What is not sure, a person says.

matched   one trip of that person at that time and place, and both pay alike
only      a known person, and no trip of theirs on that day
doubtful  a trip on that day that is not surely the same
unknown   nobody of that name in that department, or several
refused   the row could not be read
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from accounts.models import Organisation, Person
from attest.values import KST, month_bounds
from settlement.models import SheetRow
from settlement.sheets.month import Reading, Told
from settlement.sheets.month import SheetRow as ReadRow
from settlement.sheets.words import CellFault
from trips.models import State, Trip, Vehicle

Fate = SheetRow.Fate
# Two clocks may tell one trip a little differently, but not another sum.
NEAR = timedelta(hours=1)
FULL = timedelta(hours=4)
_CHUNK = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match:
    """The fate of one row as things stand."""

    row: ReadRow
    fate: str
    faults: tuple[CellFault, ...] = ()
    person: Person | None = field(default=None, repr=False)
    trip: Trip | None = field(default=None, repr=False)


def matches_of(reading: Reading, *, organisation: Organisation, name: str) -> list[Match]:
    """Looks; changes nothing. Every trip is given to one row at most."""
    start, end = month_bounds(name)
    known = _Known.of(organisation, reading, start, end)
    return [_match(row, known, start, end) for row in reading.rows]


def _match(row: ReadRow, known: _Known, start: datetime, end: datetime) -> Match:
    told = row.told
    if row.faults or told is None:
        return Match(row, Fate.REFUSED, row.faults)
    if not start <= told.starts_at < end:
        cell = CellFault("sheet.month", f"E{row.number}", told.starts_at.strftime("%Y-%m-%d"))
        return Match(row, Fate.REFUSED, (cell,))
    if told.same in known.left:
        # A clerk left this row out of an earlier sheet: it does not come back by itself.
        cell = CellFault("sheet.duplicate", f"B{row.number}", told.name)
        return Match(row, Fate.REFUSED, (cell,))
    person = known.person(told)
    if person is None:
        cell = CellFault("sheet.person", f"O{row.number}", told.name)
        return Match(row, Fate.UNKNOWN, (cell,))
    near = known.trips[person.pk, told.starts_at.astimezone(KST).date()]
    sure = [trip for trip in near if trip.pk not in known.taken and surely(told, trip)]
    if len(sure) == 1:
        known.taken.add(sure[0].pk)
        return Match(row, Fate.MATCHED, (), person, sure[0])
    return Match(row, Fate.DOUBTFUL if near else Fate.ONLY, (), person)


def surely(told: Told, trip: Trip) -> bool:
    """The same place, about the same hours, the same vehicle, the same side of four hours."""
    places = {folded(stop.text) for stop in trip.stops.all()}
    length = trip.ends_at - trip.starts_at
    about = not told.time_known or (
        abs(trip.starts_at - told.starts_at) <= NEAR and abs(trip.ends_at - told.ends_at) <= NEAR
    )
    car = (told.vehicle == Vehicle.PUBLIC_CAR) == (trip.vehicle == Vehicle.PUBLIC_CAR)
    alike = (length >= FULL) == (told.ends_at - told.starts_at >= FULL)
    return folded(told.place) in places and about and car and alike


def same_of(row: SheetRow) -> tuple[object, ...]:
    """What makes a kept row the same as one that is read (``Told.same``)."""
    return row.name, row.department, row.starts_at, row.ends_at, folded(row.place)


def folded(text: str) -> str:
    return "".join(text.split())


@dataclass(slots=True)
class _Known:
    """What the rows name, looked up once for the whole sheet."""

    people: dict[tuple[str, str], list[Person]]
    trips: defaultdict[tuple[int, date], list[Trip]]
    taken: set[int]
    left: set[tuple[object, ...]]

    @classmethod
    def of(
        cls, organisation: Organisation, reading: Reading, start: datetime, end: datetime
    ) -> _Known:
        names = sorted({row.told.name for row in reading.rows if row.told})
        people = defaultdict[tuple[str, str], list[Person]](list)
        rows = Person.objects.filter(organisation=organisation, is_active=True)
        for some in chunks(names):
            for person in rows.filter(name__in=some).select_related("department"):
                people[person.name, folded(person.department.name)].append(person)
        trips = defaultdict[tuple[int, date], list[Trip]](list)
        taken: set[int] = set()
        of_month = Trip.objects.filter(
            starts_at__gte=start, starts_at__lt=end, standing__isnull=True
        )
        of_month = of_month.exclude(state__in=[State.DRAFT, State.CANCELLED, State.VOIDED])
        pks = sorted(person.pk for found in people.values() for person in found)
        for some_pks in chunks(pks):
            for trip in of_month.filter(traveller__in=some_pks).prefetch_related("stops"):
                trips[trip.traveller_id, trip.starts_at.astimezone(KST).date()].append(trip)
        left = SheetRow.objects.filter(
            sheet__month__organisation=organisation,
            fate=Fate.LEFT,
            starts_at__gte=start,
            starts_at__lt=end,
        )
        return cls(dict(people), trips, taken, {same_of(row) for row in left})

    def person(self, told: Told) -> Person | None:
        found = self.people.get((told.name, folded(told.department)), [])
        return found[0] if len(found) == 1 else None


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """SQLite takes only so many values in one question."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def namesakes(row: SheetRow) -> Iterable[Person]:
    """Whom the row may mean: people of that name, whatever their department is called."""
    rows = Person.objects.filter(
        organisation=row.sheet.month.organisation_id, name=row.name, is_active=True
    )
    return rows.select_related("department").order_by("department__name", "pk")[:20]


def near_trips(row: SheetRow, person: Person) -> list[Trip]:
    """That person's trips of that day."""
    if row.starts_at is None:
        return []
    day = row.starts_at.astimezone(KST).replace(hour=0, minute=0, second=0, microsecond=0)
    found = Trip.objects.filter(
        traveller=person,
        starts_at__gte=day,
        starts_at__lt=day + timedelta(days=1),
        standing__isnull=True,
    )
    found = found.exclude(state__in=[State.DRAFT, State.CANCELLED, State.VOIDED])
    return list(found.prefetch_related("stops").order_by("starts_at", "pk")[:20])


def kept(match: Match) -> dict[str, Any]:
    """The fields of a row as it is kept."""
    said: dict[str, Any] = {
        "number": match.row.number,
        "fate": match.fate,
        "faults": [fault.as_dict() for fault in match.faults],
        "person": match.person,
        "trip": match.trip,
    }
    told = match.row.told
    if told is None:
        return said
    names = ("starts_at", "ends_at", "time_known", "place", "purpose", "vehicle")
    more = ("department", "name", "won")
    return said | {name: getattr(told, name) for name in (*names, *more)}
