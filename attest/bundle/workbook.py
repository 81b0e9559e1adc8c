"""The bundle's workbook: two rows of titles, then strings and integers, nothing else.

Sheets 안내, 기록 (a new one every 1,000,000 rows), 정산, 검증. Rows go to disk as they
come; no formula, link or date is ever written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any, Final

import xlsxwriter

from .cells import Cell, cell_of
from .columns import LEAF_COLUMNS, LINE_COLUMNS

MOST_ROWS: Final = 1_000_000
GUIDE, LEAVES, LINES, CHECK = "안내", "기록", "정산", "검증"
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- the same file twice
_CALM: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

Columns = Sequence[tuple[str, str, str]]


class Workbook:
    def __init__(self, out: IO[bytes]) -> None:
        self._book = xlsxwriter.Workbook(out, _CALM)
        self._book.set_properties({"created": _CREATED})
        self._guide = self._book.add_worksheet(GUIDE)
        self._leaves = _Sheet(self._book, LEAVES, LEAF_COLUMNS)
        self._lines: list[_Sheet] = []

    def leaf(self, cells: Iterable[Cell]) -> None:
        if self._leaves.rows == MOST_ROWS:
            self._leaves = self._leaves.following(self._book)
        self._leaves.put(cells)

    def line(self, cells: Iterable[Cell]) -> None:
        if not self._lines:
            self._lines.append(_Sheet(self._book, LINES, LINE_COLUMNS))
        if self._lines[-1].rows == MOST_ROWS:
            self._lines.append(self._lines[-1].following(self._book))
        self._lines[-1].put(cells)

    def close(self, *, guide: Sequence[str], check: Sequence[str]) -> None:
        if not self._lines:
            self._lines.append(_Sheet(self._book, LINES, LINE_COLUMNS))
        _write_text(self._guide, guide)
        _write_text(self._book.add_worksheet(CHECK), check)
        self._leaves.close()
        self._lines[-1].close()
        self._book.close()


class _Sheet:
    def __init__(self, book: Any, name: str, columns: Columns, number: int = 1) -> None:
        self._name, self._columns, self._number, self.rows = name, columns, number, 0
        self._sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
        self._sheet.freeze_panes(2, 1)
        for column, (_, korean, _) in enumerate(columns):
            self._sheet.set_column(column, column, max(10, len(korean) * 1.8))
            self._sheet.write_string(0, column, korean)
        for column, (english, _, _) in enumerate(columns):
            self._sheet.write_string(1, column, english)

    def put(self, cells: Iterable[Cell]) -> None:
        row = self.rows + 2
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                self._sheet.write_number(row, column, cell)
            elif cell:
                self._sheet.write_string(row, column, cell_of(cell))
        self.rows += 1

    def following(self, book: Any) -> _Sheet:
        self.close()
        return _Sheet(book, self._name, self._columns, self._number + 1)

    def close(self) -> None:
        self._sheet.autofilter(1, 0, self.rows + 1, len(self._columns) - 1)


def _write_text(sheet: Any, lines: Sequence[str]) -> None:
    sheet.set_column(0, 0, 100)
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, cell_of(line))
