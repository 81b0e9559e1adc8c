"""Vehicle logs and absences as CSV: what every line would do, before anything is done.

new      the line would be kept
same     it is kept already
refused  nothing is done; the code says why
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from accounts.csv_sheet import Row, Wrong, rows_of
from accounts.models import Organisation, Person, number_index
from settlement.matching import chunks
from settlement.models import Absence, VehicleLog
from settlement.sheets.grid import Stored
from settlement.sheets.month import moment_of

VEHICLES, ABSENCES = "vehicle-logs", "absences"
COLUMNS: Final = {
    VEHICLES: {
        "차량": "vehicle",
        "운전자": "driver",
        "동승자": "passengers",
        "출발": "starts",
        "도착": "ends",
    },
    ABSENCES: {"사번": "person", "구분": "kind", "시작": "starts", "종료": "ends"},
}
_OPTIONAL = {"동승자"}
_KINDS = {
    "휴가": Absence.Kind.LEAVE,
    "초과근무": Absence.Kind.OVERTIME,
    "교육": Absence.Kind.TRAINING,
}
FATES: Final = ("new", "same", "refused")
_MOST_RIDERS = 50
Record = VehicleLog | Absence


@dataclass(frozen=True, slots=True)
class Kept:
    line: int
    fate: str
    code: str = ""
    record: Record | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Records:
    lines: Sequence[Kept]
    digest: bytes

    def counts(self) -> dict[str, int]:
        return {fate: sum(line.fate == fate for line in self.lines) for fate in FATES}


def records_in(raw: bytes, *, kind: str, organisation: Organisation) -> Records:
    """The fate of every line as things stand. Looks; changes nothing."""
    columns = COLUMNS[kind]
    rows = rows_of(raw, columns=columns, needed=set(columns) - _OPTIONAL)
    people = _people(organisation, rows)
    read = _vehicle if kind == VEHICLES else _absence
    seen: set[tuple[Any, ...]] = set()
    lines = [_line(row, read, organisation, people, seen) for row in rows]
    known = _known(kind, organisation, lines)
    lines = [
        Kept(one.line, "same") if one.record and _mark(one.record) in known else one
        for one in lines
    ]
    said = "".join(f"{one.line} {one.fate} {one.code}\n" for one in lines)
    return Records(lines, sha256(raw + said.encode()).digest())


def _line(
    row: Row,
    read: Any,
    organisation: Organisation,
    people: dict[str, Person],
    seen: set[tuple[Any, ...]],
) -> Kept:
    try:
        if row.surplus:
            return Kept(row.line, "refused", "record.cells")
        record: Record = read(row, organisation, people)
    except Wrong as wrong:
        return Kept(row.line, "refused", str(wrong))
    if _mark(record) in seen:
        return Kept(row.line, "refused", "record.twice")
    seen.add(_mark(record))
    return Kept(row.line, "new", "", record)


def _vehicle(row: Row, organisation: Organisation, people: dict[str, Person]) -> VehicleLog:
    car = row.cells.get("vehicle", "")
    if not car or len(car) > 40 or not car.isprintable():
        raise Wrong("record.vehicle")
    starts, ends = _times(row)
    riders = [_person(number, people) for number in _riders(row)]
    return VehicleLog(
        organisation=organisation,
        vehicle=car,
        driver=_person(row.cells.get("driver", ""), people),
        passengers=[rider.ref for rider in riders],
        starts_at=starts,
        ends_at=ends,
    )


def _absence(row: Row, organisation: Organisation, people: dict[str, Person]) -> Absence:
    kind = _KINDS.get(row.cells.get("kind", ""))
    if kind is None:
        raise Wrong("record.kind")
    starts, ends = _times(row)
    person = _person(row.cells.get("person", ""), people)
    return Absence(
        organisation=organisation, person=person, kind=kind, starts_at=starts, ends_at=ends
    )


def _riders(row: Row) -> list[str]:
    cells = row.cells.get("passengers", "").split(",")
    riders = [number.strip() for number in cells if number.strip()]
    if len(riders) > _MOST_RIDERS:
        raise Wrong("record.passengers")
    return riders


def _person(number: str, people: dict[str, Person]) -> Person:
    if number not in people:
        raise Wrong("record.person")
    return people[number]


def _times(row: Row) -> tuple[datetime, datetime]:
    """A day without a clock is the whole of it."""
    try:
        starts, _ = moment_of(Stored(row.cells.get("starts", "")))
        ends, known = moment_of(Stored(row.cells.get("ends", "")))
    except ValueError as wrong:
        raise Wrong("record.time") from wrong
    ends = ends if known else ends + timedelta(days=1)
    if ends <= starts:
        raise Wrong("record.time")
    return starts, ends


def _people(organisation: Organisation, rows: Iterable[Row]) -> dict[str, Person]:
    """People by their number, found without opening one."""
    numbers: set[str] = set()
    for row in rows:
        cells = [row.cells.get("person", ""), row.cells.get("driver", "")]
        numbers |= {*cells, *(one.strip() for one in row.cells.get("passengers", "").split(","))}
    indexes = {number_index(organisation, number): number for number in numbers if number}
    found = {}
    for some in chunks(list(indexes)):
        for person in Person.objects.filter(organisation=organisation, number_index__in=some):
            found[indexes[bytes(person.number_index)]] = person
    return found


def _mark(record: Record) -> tuple[Any, ...]:
    if isinstance(record, VehicleLog):
        return record.vehicle, record.starts_at
    return record.person_id, record.kind, record.starts_at


def _known(kind: str, organisation: Organisation, lines: Sequence[Kept]) -> set[tuple[Any, ...]]:
    moments = sorted(one.record.starts_at for one in lines if one.record)
    if not moments:
        return set()
    between = {"organisation": organisation, "starts_at__range": (moments[0], moments[-1])}
    if kind == VEHICLES:
        return {_mark(one) for one in VehicleLog.objects.filter(**between)}
    return {_mark(one) for one in Absence.objects.filter(**between)}
