"""The sheet of who has a standing allowance (월액여비), as the order names them: text in, rows out.

CSV in UTF-8 or CP949, or a workbook, headers in the first row in any order:

    사번 시작월 종료월 월액 사유

시작월 and 종료월 are ``YYYY-MM``, both with the month itself; 월액 is whole won.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Final

from accounts.csv_sheet import Row, Wrong, readable, rows_of
from attest.values import month_after

COLUMNS: Final = {
    "사번": "number",
    "시작월": "first",
    "종료월": "last",
    "월액": "sum",
    "사유": "reason",
}
# Whoever travels as their job; a whole office is no such sheet.
MOST_ROWS: Final = 1_000
MOST_WON: Final = 10_000_000
MONTH: Final = r"20[0-9]{2}-(0[1-9]|1[0-2])"
_LONGEST = {"number": 30, "reason": 500}
_TITLES = {name: title for title, name in COLUMNS.items()}
# With thousands apart or without: a point or a unit would leave the sum to a guess.
_WON = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3})+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sheet: from the month *first* up to but without *until*.

    *code* says what is wrong with it and *column* with which cell, both empty when nothing is;
    without a column it is the line as a whole.
    """

    line: int
    number: str = field(default="", repr=False)
    first: str = ""
    until: str = ""
    won: int = 0
    reason: str = ""
    code: str = ""
    column: str = ""


def read_sheet(raw: bytes) -> list[Entry]:
    """Every line in order; raises ``import.…`` when the sheet as a whole cannot be read."""
    rows = rows_of(raw, columns=COLUMNS, needed=COLUMNS, most=MOST_ROWS)
    return _without_doubles([_entry(row) for row in rows])


def column_of(code: str) -> str:
    """The heading of the cell that *code* is about; empty where it is the line."""
    name = code.partition(".")[2].removesuffix("-missing").removesuffix("-unreadable")
    return _TITLES.get({"person-unknown": "number", "own": "number"}.get(name, name), "")


def _entry(row: Row) -> Entry:
    said = row.cells
    try:
        _whole(row)
        for name, longest in _LONGEST.items():
            readable(said.get(name, ""), longest=longest, code=f"standing.{name}")
        first, until = _span(said.get("first", ""), said.get("last", ""))
        won = _won(said.get("sum", ""))
        return Entry(row.line, said["number"].upper(), first, until, won, said["reason"])
    except Wrong as wrong:
        return Entry(row.line, code=str(wrong), column=column_of(str(wrong)))


def _whole(row: Row) -> None:
    if row.surplus:
        raise Wrong("standing.cells")


def _span(first: str, last: str) -> tuple[str, str]:
    _month(first, "first")
    if _month(last, "last") < first:
        raise Wrong("standing.months-crossed")
    return first, month_after(last)


def _month(cell: str, name: str) -> str:
    if not re.fullmatch(MONTH, cell, re.ASCII):
        raise Wrong(f"standing.{name}")
    return cell


def _won(cell: str) -> int:
    won = int(cell.replace(",", "")) if _WON.fullmatch(cell) else 0
    if not 0 < won <= MOST_WON:
        raise Wrong("standing.sum")
    return won


def _without_doubles(entries: list[Entry]) -> list[Entry]:
    """Two lines that pay one person one month are both refused: nobody can say which is meant."""
    of: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if not entry.code:
            of[entry.number].append(entry)
    twice: set[int] = set()
    for rows in of.values():
        rows.sort(key=lambda entry: (entry.first, entry.until))
        ahead = rows[0]
        for entry in rows[1:]:
            if entry.first < ahead.until:
                twice |= {ahead.line, entry.line}
            ahead = max(ahead, entry, key=lambda one: one.until)
    return [
        replace(entry, code="standing.months-twice") if entry.line in twice else entry
        for entry in entries
    ]
