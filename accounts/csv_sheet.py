"""A sheet as an office exports it: CSV in UTF-8 or CP949, headers in row 1 in any order."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from io import StringIO

from attest.errors import ImportRefused

LARGEST = 5 * 1_048_576
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its cells by the names of *columns*, and how many more it has than row 1."""

    line: int
    cells: Mapping[str, str] = field(repr=False)
    surplus: int


class Wrong(Exception):
    """A cell cannot be honoured; its code becomes the line's."""


def rows_of(raw: bytes, *, columns: Mapping[str, str], needed: Collection[str]) -> list[Row]:
    """Every line that holds something; ``import.…`` when the sheet as a whole cannot be read.

    *columns* gives each header its name; *needed* are the headers that must be there.
    """
    lines = csv.reader(StringIO(_text(raw), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(lines, [])]
        _check(header, columns, needed)
        names = [columns[title] for title in header]
        rows = [
            _row(line, names, cells)
            for line, cells in enumerate(lines, start=2)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as wrong:
        raise ImportRefused("import.csv") from wrong
    if len(rows) > _MOST_ROWS:
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


def _row(line: int, names: list[str], cells: list[str]) -> Row:
    said = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    return Row(line, said, max(0, len(cells) - len(names)))


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


def _check(header: list[str], columns: Mapping[str, str], needed: Collection[str]) -> None:
    if len(set(header)) != len(header):
        raise ImportRefused("import.header-twice")
    if set(header) - set(columns):
        raise ImportRefused("import.header-unknown")
    if set(needed) - set(header):
        raise ImportRefused("import.header-missing")
