"""The sheet of people as it comes from the personnel office: text in, rows out.

CSV in UTF-8 or CP949, headers in the first row in any order:

    사번 이름 부서 여비등급 근무지 역할 시작일 종료일
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from accounts.csv_sheet import Row, Wrong, readable, rows_of
from accounts.models import Role

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
    rows = rows_of(raw, columns=COLUMNS, needed=_NEEDED)
    return _without_doubles([_entry(row) for row in rows])


def _entry(row: Row) -> Entry:
    said = row.cells
    number = said.get("number", "").upper()
    try:
        _whole(row)
        for name, longest in _LONGEST.items():
            readable(said.get(name, ""), longest=longest, code=f"people.{name}")
        return Entry(
            row.line,
            number,
            said["name"],
            said["department"],
            _grade(said.get("grade", "")),
            said["workplace"],
            _roles(said.get("roles", "")),
            *_period(said.get("since", ""), said.get("until", "")),
        )
    except Wrong as wrong:
        return Entry(row.line, number, said.get("name", "")[:50], code=str(wrong))


def _whole(row: Row) -> None:
    if row.surplus:
        raise Wrong("people.cells")


def _grade(cell: str) -> int:
    if cell not in {"1", "2"}:
        raise Wrong("people.grade")
    return int(cell)


def _roles(cell: str) -> frozenset[str] | None:
    if not cell:
        return None
    found = frozenset(part.strip() for part in cell.split(","))
    if found - set(Role.values):
        raise Wrong("people.role-unknown")
    return found


def _period(since: str, until: str) -> tuple[date | None, date | None]:
    try:
        first = date.fromisoformat(since) if since else None
        last = date.fromisoformat(until) if until else None
    except ValueError as wrong:
        raise Wrong("people.date") from wrong
    if first and last and last < first:
        raise Wrong("people.dates-crossed")
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
