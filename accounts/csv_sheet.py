"""A sheet as an office exports it: CSV in UTF-8 or CP949, or a workbook; headers in row 1."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

from accounts.workbooks import grid
from accounts.workbooks.grid import COLUMNS
from attest.errors import ImportRefused, SheetRefused

LARGEST = 5 * 1_048_576
_MOST_ROWS = 20_000
# How an .xlsx and an .xls begin.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_SHEET_FAULTS = {"sheet.too_large": "import.too-large", "sheet.encrypted": "import.locked"}
Lines = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its cells by the names of *columns*, and how many more it has than row 1."""

    line: int
    cells: Mapping[str, str] = field(repr=False)
    surplus: int


class Wrong(Exception):
    """A cell cannot be honoured; its code becomes the line's."""


def rows_of(
    raw: bytes,
    *,
    columns: Mapping[str, str],
    needed: Collection[str],
    most: int = _MOST_ROWS,
    largest: int = LARGEST,
) -> list[Row]:
    """Every line that holds something; ``import.…`` when the sheet as a whole cannot be read.

    *columns* gives each header its name in any order; *needed* are those that must be there.
    """
    if len(raw) > largest:
        raise ImportRefused("import.too-large")
    lines = _workbook(raw) if raw.startswith(_WORKBOOKS) else _csv(raw)
    header = [cell.strip() for cell in next(lines, (1, []))[1]]
    _check(header, columns, needed)
    names = [columns[title] for title in header]
    rows = [
        _row(line, names, cells) for line, cells in lines if any(cell.strip() for cell in cells)
    ]
    if len(rows) > most:
        raise ImportRefused("import.too-many-rows")
    if not rows:
        raise ImportRefused("import.empty")
    return rows


def readable(cell: str, *, longest: int, code: str) -> None:
    """Refuse a needed *cell* that is empty, too long, or holds what nobody can see."""
    if not cell:
        raise Wrong(f"{code}-missing")
    if len(cell) > longest or not cell.isprintable():
        raise Wrong(f"{code}-unreadable")


def _csv(raw: bytes) -> Lines:
    lines = csv.reader(StringIO(_text(raw), newline=""), strict=True)
    try:
        yield from enumerate(lines, start=1)
    except csv.Error as wrong:
        raise ImportRefused("import.csv") from wrong


def _workbook(raw: bytes) -> Lines:
    """The cells of the first sheet as somebody reads them; what is worked out is not taken."""
    try:
        for row in grid.rows_of(raw):
            if any(cell.formula for cell in row.cells.values()):
                raise ImportRefused("import.formula")
            last = max(COLUMNS.index(letter) for letter in row.cells) + 1
            yield row.number, [row.at(letter).text for letter in COLUMNS[:last]]
    except SheetRefused as refused:
        raise ImportRefused(_SHEET_FAULTS.get(refused.why, "import.workbook")) from refused


def _row(line: int, names: list[str], cells: list[str]) -> Row:
    said = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    return Row(line, said, max(0, len(cells) - len(names)))


def _text(raw: bytes) -> str:
    # UTF-8 first: Korean text in CP949 is almost never valid UTF-8, the reverse often reads.
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportRefused("import.encoding")


def _check(header: list[str], columns: Mapping[str, str], needed: Collection[str]) -> None:
    if len(set(header)) != len(header):
        raise ImportRefused("import.header-twice")
    if set(header) - set(columns):
        raise ImportRefused("import.header-unknown")
    if set(needed) - set(header):
        raise ImportRefused("import.header-missing")
