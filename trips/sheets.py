"""The sheet of trips as an office exports it: text in, rows out.

CSV in UTF-8 or CP949, headers in the first row in any order:

    사번 출발 도착 출장지 목적 차량 결재자 동행

출발 and 도착 are ``YYYY-MM-DD HH:MM`` in Korea; 동행 may be left out.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import StringIO

from attest.errors import ImportRefused
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
LARGEST = 5 * 1_048_576
_MOST_ROWS = 20_000
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
    rows = csv.reader(StringIO(_text(raw), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        _check(header)
        entries = [
            _entry(number, dict(zip(header, cells, strict=False)), len(cells) - len(header))
            for number, cells in enumerate(rows, start=2)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as wrong:
        raise ImportRefused("import.csv") from wrong
    if len(entries) > _MOST_ROWS:
        raise ImportRefused("import.too-many-rows")
    if not entries:
        raise ImportRefused("import.empty")
    return _without_doubles(entries)


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise ImportRefused("import.too-large")
    # UTF-8 first: Korean text in CP949 is almost never valid UTF-8, the reverse often reads.
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportRefused("import.encoding")


def _check(header: list[str]) -> None:
    if len(set(header)) != len(header):
        raise ImportRefused("import.header-twice")
    if set(header) - set(COLUMNS):
        raise ImportRefused("import.header-unknown")
    if _NEEDED - set(header):
        raise ImportRefused("import.header-missing")


def _entry(line: int, cells: Mapping[str, str], surplus: int) -> Entry:
    said = {COLUMNS[name]: cell.strip() for name, cell in cells.items() if name in COLUMNS}
    try:
        _even(surplus)
        for name, longest in _LONGEST.items():
            _needed(name, said.get(name, ""), longest)
        return Entry(
            line,
            said["number"].upper(),
            *_span(said.get("starts", ""), said.get("ends", "")),
            said["place"],
            said["purpose"],
            _vehicle(said.get("vehicle", "")),
            said["approver"].upper(),
            _companions(said.get("companions", "")),
        )
    except _Wrong as wrong:
        return Entry(line, place=said.get("place", "")[:100], code=str(wrong))


class _Wrong(Exception):
    """A cell cannot be honoured; its code becomes the line's."""


def _even(surplus: int) -> None:
    if surplus:
        raise _Wrong("trips.cells")


def _span(starts: str, ends: str) -> tuple[datetime, datetime]:
    starts_at, ends_at = _moment(starts), _moment(ends)
    if ends_at < starts_at:
        raise _Wrong("trips.times-crossed")
    return starts_at, ends_at


def _needed(name: str, cell: str, longest: int) -> None:
    if not cell:
        raise _Wrong(f"trips.{name}-missing")
    if len(cell) > longest or not cell.isprintable():
        raise _Wrong(f"trips.{name}-unreadable")


def _moment(cell: str) -> datetime:
    """Exactly ``YYYY-MM-DD HH:MM``: a date guessed wrong would be money paid wrong."""
    if not _MOMENT.fullmatch(cell):
        raise _Wrong("trips.time")
    try:
        at = datetime.fromisoformat(cell).replace(tzinfo=KST)
    except ValueError as wrong:
        raise _Wrong("trips.time") from wrong
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise _Wrong("trips.time")
    return at


def _vehicle(cell: str) -> str:
    found = VEHICLES.get(cell)
    if found is None:
        raise _Wrong("trips.vehicle")
    return found


def _companions(cell: str) -> tuple[str, ...]:
    named = tuple(part.strip().upper() for part in cell.split(",") if part.strip())
    if len(named) > _MOST_COMPANIONS:
        raise _Wrong("trips.companions-too-many")
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
