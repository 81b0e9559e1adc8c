"""The sheet of trips as an office exports it: text in, rows out.

CSV in UTF-8 or CP949, headers in the first row in any order:

    사번 출발 도착 출장지 목적 차량 결재자 동행

출발 and 도착 are ``YYYY-MM-DD HH:MM`` in Korea; 동행 may be left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from accounts.csv_sheet import Row, Wrong, readable, rows_of
from attest.values import KST
from trips.models import Vehicle
from trips.plan import FIRST_YEAR, LAST_YEAR

COLUMNS = {
    "사번": "number",
    "출발": "starts",
    "도착": "ends",
    "출장지": "place",
    "목적": "purpose",
    "차량": "vehicle",
    "결재자": "approver",
    "동행": "companions",
}
VEHICLES = {
    "": Vehicle.TRANSIT,
    "대중교통": Vehicle.TRANSIT,
    "공무용 차량": Vehicle.PUBLIC_CAR,
    "공무용차량": Vehicle.PUBLIC_CAR,
    "관용차": Vehicle.PUBLIC_CAR,
    "자가용": Vehicle.PRIVATE_CAR,
    "동승": Vehicle.PASSENGER,
    "도보": Vehicle.WALK,
}
_NEEDED = frozenset(COLUMNS) - {"동행"}
_MOST_COMPANIONS = 30
_LONGEST = {"number": 30, "place": 100, "purpose": 200, "approver": 30}
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", re.ASCII)
_BEGINNING = datetime(1970, 1, 1, tzinfo=KST)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sheet. *code* says what is wrong with it, empty when nothing is."""

    line: int
    number: str = field(default="", repr=False)
    starts_at: datetime = _BEGINNING
    ends_at: datetime = _BEGINNING
    place: str = ""
    purpose: str = ""
    vehicle: str = Vehicle.TRANSIT
    approver: str = field(default="", repr=False)
    companions: tuple[str, ...] = field(default=(), repr=False)
    code: str = ""


def read_sheet(raw: bytes) -> list[Entry]:
    """Every line in order; raises ``import.…`` when the sheet as a whole cannot be read."""
    rows = rows_of(raw, columns=COLUMNS, needed=_NEEDED)
    return _without_doubles([_entry(row) for row in rows])


def _entry(row: Row) -> Entry:
    said = row.cells
    try:
        _whole(row)
        for name, longest in _LONGEST.items():
            readable(said.get(name, ""), longest=longest, code=f"trips.{name}")
        return Entry(
            row.line,
            said["number"].upper(),
            *_span(said.get("starts", ""), said.get("ends", "")),
            said["place"],
            said["purpose"],
            _vehicle(said.get("vehicle", "")),
            said["approver"].upper(),
            _companions(said.get("companions", "")),
        )
    except Wrong as wrong:
        return Entry(row.line, place=said.get("place", "")[:100], code=str(wrong))


def _whole(row: Row) -> None:
    if row.surplus:
        raise Wrong("trips.cells")


def _span(starts: str, ends: str) -> tuple[datetime, datetime]:
    starts_at, ends_at = _moment(starts), _moment(ends)
    if ends_at < starts_at:
        raise Wrong("trips.times-crossed")
    return starts_at, ends_at


def _moment(cell: str) -> datetime:
    """Exactly ``YYYY-MM-DD HH:MM``: a date guessed wrong would be money paid wrong."""
    if not _MOMENT.fullmatch(cell):
        raise Wrong("trips.time")
    try:
        at = datetime.fromisoformat(cell).replace(tzinfo=KST)
    except ValueError as wrong:
        raise Wrong("trips.time") from wrong
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Wrong("trips.time")
    return at


def _vehicle(cell: str) -> str:
    found = VEHICLES.get(cell)
    if found is None:
        raise Wrong("trips.vehicle")
    return found


def _companions(cell: str) -> tuple[str, ...]:
    named = tuple(part.strip().upper() for part in cell.split(",") if part.strip())
    if len(named) > _MOST_COMPANIONS:
        raise Wrong("trips.companions-too-many")
    return named


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """One person, one start, two lines: both are refused, for nobody can say which is meant."""
    seen = Counter((entry.number, entry.starts_at) for entry in entries if not entry.code)
    return [
        replace(entry, code="trips.row-twice")
        if not entry.code and seen[entry.number, entry.starts_at] > 1
        else entry
        for entry in entries
    ]
