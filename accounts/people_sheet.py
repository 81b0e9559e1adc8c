"""The sheet of people as it comes from the personnel office: text in, rows out.

CSV in UTF-8 or CP949, headers in the first row in any order:

    사번 이름 부서 여비등급 근무지 역할 시작일 종료일
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from io import StringIO

from accounts.models import Role
from attest.errors import ImportRefused

COLUMNS = {
    "사번": "number",
    "이름": "name",
    "부서": "department",
    "여비등급": "grade",
    "근무지": "workplace",
    "역할": "roles",
    "시작일": "since",
    "종료일": "until",
}
_NEEDED = ("사번", "이름", "부서", "여비등급", "근무지")
_LARGEST = 5 * 1_048_576
_MOST_ROWS = 20_000
_LONGEST = {"number": 30, "name": 50, "department": 100, "workplace": 100}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sheet. *code* says what is wrong with it, empty when nothing is.

    Roles are none where the cell is empty: then the roles stay as they are.
    """

    line: int
    number: str = field(default="", repr=False)
    name: str = ""
    department: str = ""
    grade: int = 2
    workplace: str = ""
    roles: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None
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
    if len(raw) > _LARGEST:
        raise ImportRefused("import.too-large")
    # UTF-8 first: Korean text in CP949 is almost never valid UTF-8, the reverse often reads.
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise ImportRefused("import.encoding")


def _check(header: list[str]) -> None:
    if len(set(header)) != len(header):
        raise ImportRefused("import.header-twice")
    if set(header) - set(COLUMNS):
        raise ImportRefused("import.header-unknown")
    if set(_NEEDED) - set(header):
        raise ImportRefused("import.header-missing")


def _entry(line: int, cells: Mapping[str, str], surplus: int) -> Entry:
    said = {COLUMNS[name]: cell.strip() for name, cell in cells.items()}
    number = said.get("number", "").upper()
    try:
        _whole(surplus)
        for name, longest in _LONGEST.items():
            _needed(name, said.get(name, ""), longest)
        return Entry(
            line,
            number,
            said["name"],
            said["department"],
            _grade(said.get("grade", "")),
            said["workplace"],
            _roles(said.get("roles", "")),
            *_period(said.get("since", ""), said.get("until", "")),
        )
    except _Wrong as wrong:
        return Entry(line, number, said.get("name", "")[:50], code=str(wrong))


class _Wrong(Exception):
    """A cell cannot be honoured; its code becomes the line's."""


def _whole(surplus: int) -> None:
    if surplus:
        raise _Wrong("people.cells")


def _needed(name: str, cell: str, longest: int) -> None:
    if not cell:
        raise _Wrong(f"people.{name}-missing")
    if len(cell) > longest or not cell.isprintable():
        raise _Wrong(f"people.{name}-unreadable")


def _grade(cell: str) -> int:
    if cell not in {"1", "2"}:
        raise _Wrong("people.grade")
    return int(cell)


def _roles(cell: str) -> frozenset[str] | None:
    if not cell:
        return None
    found = frozenset(part.strip() for part in cell.split(","))
    if found - set(Role.values):
        raise _Wrong("people.role-unknown")
    return found


def _period(since: str, until: str) -> tuple[date | None, date | None]:
    try:
        first = date.fromisoformat(since) if since else None
        last = date.fromisoformat(until) if until else None
    except ValueError as wrong:
        raise _Wrong("people.date") from wrong
    if first and last and last < first:
        raise _Wrong("people.dates-crossed")
    return first, last


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """A number that stands twice is refused both times: nobody can say which line is meant."""
    seen: dict[str, int] = {}
    for entry in entries:
        seen[entry.number] = seen.get(entry.number, 0) + 1
    return [
        Entry(e.line, e.number, e.name, code="people.number-twice")
        if not e.code and seen[e.number] > 1
        else e
        for e in entries
    ]
