"""Vehicle logs, absences and fuel prices: what every line would do, before anything is done.

new      the line would be kept
same     it is kept already
refused  nothing is done; the code says why
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from accounts.csv_sheet import Row, Wrong, rows_of
from accounts.models import Organisation, Person, number_index
from accounts.previews import counts_of
from accounts.telling import Tell, silent
from accounts.workbooks.grid import Stored
from settlement.matching import chunks
from settlement.models import Absence, VehicleLog
from settlement.sheets.month import moment_of
from trips.models import FuelPrice

VEHICLES, ABSENCES, FUEL = "vehicle-logs", "absences", "fuel-prices"
COLUMNS: Final = {
    VEHICLES: {
        "차량": "vehicle",
        "운전자": "driver",
        "동승자": "passengers",
        "출발": "starts",
        "도착": "ends",
    },
    ABSENCES: {"사번": "person", "구분": "kind", "시작": "starts", "종료": "ends"},
    FUEL: {"일자": "day", "연료": "fuel", "가격": "won"},
}
_OPTIONAL = {"동승자"}
_KINDS = {
    "휴가": Absence.Kind.LEAVE,
    "초과근무": Absence.Kind.OVERTIME,
    "교육": Absence.Kind.TRAINING,
}
# As a price list names them, spaces folded.
_FUELS = {
    "휘발유": FuelPrice.Fuel.GASOLINE,
    "보통휘발유": FuelPrice.Fuel.GASOLINE,
    "경유": FuelPrice.Fuel.DIESEL,
    "자동차용경유": FuelPrice.Fuel.DIESEL,
    "LPG": FuelPrice.Fuel.LPG,
    "자동차용부탄": FuelPrice.Fuel.LPG,
    "하이브리드": FuelPrice.Fuel.HYBRID,
    "플러그인하이브리드": FuelPrice.Fuel.PLUG_IN_HYBRID,
    "전기": FuelPrice.Fuel.ELECTRIC,
    "수소": FuelPrice.Fuel.HYDROGEN,
}
_PRICE = re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})|[1-9]\d{0,5})(?:\.\d{1,2})?", re.ASCII)
FATES: Final = ("new", "same", "refused")
_MOST_RIDERS = 50
Record = VehicleLog | Absence | FuelPrice


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
        return counts_of((line.fate for line in self.lines), among=FATES)


def records_in(
    raw: bytes, *, kind: str, organisation: Organisation, tell: Tell = silent
) -> Records:
    """The fate of every line as things stand. Looks; changes nothing."""
    columns = COLUMNS[kind]
    rows = rows_of(raw, columns=columns, needed=set(columns) - _OPTIONAL)
    people = _people(organisation, rows)
    read = {VEHICLES: _vehicle, ABSENCES: _absence, FUEL: _price}[kind]
    seen: set[tuple[Any, ...]] = set()
    lines = []
    for number, row in enumerate(rows):
        tell(number, len(rows))
        lines.append(_line(row, read, organisation, people, seen))
    known = _known(kind, organisation, lines)
    lines = [_beside(one, known) for one in lines]
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


def _beside(one: Kept, known: dict[tuple[Any, ...], Record]) -> Kept:
    """What is kept already stays: trips were computed by it."""
    there = known.get(_mark(one.record)) if one.record else None
    if there is None or one.record is None:
        return one
    if isinstance(there, FuelPrice) and there.won != getattr(one.record, "won", None):
        return Kept(one.line, "refused", "record.other-price")
    return Kept(one.line, "same")


def _price(row: Row, organisation: Organisation, _people: dict[str, Person]) -> FuelPrice:
    """The price of one fuel on one day; a zone, a discount or an average is not worked out."""
    try:
        day, _ = moment_of(Stored(row.cells.get("day", "")))
    except ValueError as wrong:
        raise Wrong("record.day") from wrong
    fuel = _FUELS.get("".join(row.cells.get("fuel", "").split()).upper())
    if fuel is None:
        raise Wrong("record.fuel")
    won = row.cells.get("won", "")
    if not _PRICE.fullmatch(won):
        raise Wrong("record.price")
    return FuelPrice(
        organisation=organisation, day=day.date(), fuel=fuel, won=Decimal(won.replace(",", ""))
    )


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
    if isinstance(record, FuelPrice):
        return str(record.day), str(record.fuel)
    if isinstance(record, VehicleLog):
        return record.vehicle, record.starts_at
    return record.person_id, record.kind, record.starts_at


def _known(
    kind: str, organisation: Organisation, lines: Sequence[Kept]
) -> dict[tuple[Any, ...], Record]:
    at = "day" if kind == FUEL else "starts_at"
    moments = sorted(getattr(one.record, at) for one in lines if one.record)
    if not moments:
        return {}
    model: Any = {VEHICLES: VehicleLog, ABSENCES: Absence, FUEL: FuelPrice}[kind]
    between = {f"{at}__range": (moments[0], moments[-1])}
    return {_mark(one): one for one in model.objects.filter(organisation=organisation, **between)}
