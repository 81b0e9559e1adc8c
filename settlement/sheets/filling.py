"""The clerk's own workbook with sums in R and reasons in V; every other cell as it was.

An .xlsx is copied part by part: styles, widths, merges and what we do not know of stay
byte for byte or element for element. An .xls comes out as .xlsx with its values, merges,
widths and number formats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import xlrd
from openpyxl.utils import get_column_letter

from accounts.workbooks.grid import BROKEN, COLUMNS, Stored, old_book, old_value, rows_of
from accounts.workbooks.guard import kind_of
from accounts.workbooks.parts import Attributes, Copy, first_sheet, plain
from attest.errors import SheetRefused
from settlement.sheets.month import FIRST_ROW, won_of
from settlement.sheets.old_filling import Changes, filled_old

SUM, NOTE = "R", "V"
_BETWEEN = " · "
# So wide is a character of a sheet in the units the old format counts widths in.
_WIDTH_UNIT = 256
_HEIGHT_UNIT = 20


@dataclass(frozen=True, slots=True)
class Fill:
    """What a row is to say: *won* for R, or none to leave it; *why* is added to V."""

    won: int | None
    why: str = field(default="")


def filled_as_it_came(raw: bytes, fills: Mapping[int, Fill]) -> bytes:
    """The workbook *raw* in its own format, its rows filled by number."""
    if kind_of(raw) == "xlsx":
        return filled(raw, fills)
    changes = _changes_of(raw, fills)
    return filled_old(raw, changes) if changes else raw


def filled(raw: bytes, fills: Mapping[int, Fill]) -> bytes:
    """The workbook *raw* as .xlsx, its rows filled by number."""
    book = raw if kind_of(raw) == "xlsx" else _as_new(raw)
    changes = _changes_of(book, fills)
    return _copied(book, changes) if changes else book


def _changes_of(book: bytes, fills: Mapping[int, Fill]) -> Changes:
    stand = {
        row.number: (row.at(SUM), row.at(NOTE))
        for row in rows_of(book)
        if row.number in fills and row.number >= FIRST_ROW
    }
    if missing := fills.keys() - stand.keys():
        raise SheetRefused("sheet.empty", sorted(missing))
    return {
        number: told for number, fill in fills.items() if (told := _changes(fill, *stand[number]))
    }


def _changes(fill: Fill, won: Stored, note: Stored) -> dict[str, str | int]:
    """The cells of a row that are not yet as they should be."""
    if won.formula or note.formula:
        raise SheetRefused("sheet.formula")
    changed: dict[str, str | int] = {}
    if fill.won is not None and _stands(won) != fill.won:
        changed[SUM] = fill.won
    said = note.text
    if fill.why and fill.why not in said.split(_BETWEEN):
        changed[NOTE] = f"{said}{_BETWEEN}{fill.why}" if said else fill.why
    return changed


def _stands(cell: Stored) -> int | None:
    return won_of(cell) if not isinstance(cell.value, str) else None


def _copied(raw: bytes, changes: Mapping[int, Mapping[str, str | int]]) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(raw)) as book, ZipFile(out, "w", ZIP_DEFLATED) as made:
        sheet = first_sheet(book)
        for member in book.infolist():
            if member.filename != sheet:
                made.writestr(member, book.read(member), ZIP_DEFLATED)
                continue
            with book.open(member) as part, made.open(member.filename, "w") as copy:
                _Filling(copy, changes).run(part)
    return out.getvalue()


class _Filling(Copy):
    """Copies a sheet; where a cell changes, it stands there anew with the style it had."""

    def __init__(self, out: IO[bytes], changes: Mapping[int, Mapping[str, str | int]]) -> None:
        super().__init__(out)
        self._changes = changes
        self._row = self._column = 0
        self._left: dict[str, str | int] = {}
        self._prefix = ""
        self._skipping = 0

    def begin(self, name: str, said: Attributes) -> None:
        if self._skipping:
            self._skipping += 1
            return
        kind = plain(name)
        if kind == "row":
            self._row = int(said.get("r", self._row + 1))
            self._column = 0
            self._left = dict(self._changes.get(self._row, {}))
            self._prefix = name.removesuffix("row")
        elif kind == "c" and self._left:
            self._column = _column_of(said.get("r", "")) or self._column + 1
            self._insert_before(self._column)
            letter = get_column_letter(self._column)
            if letter in self._left:
                self._put(letter, self._left.pop(letter), said.get("s"))
                self._skipping = 1
                return
        super().begin(name, said)

    def end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        if plain(name) == "row" and self._left:
            self._insert_before(len(COLUMNS) + 1)
        super().end(name)

    def text(self, said: str) -> None:
        if not self._skipping:
            super().text(said)

    def _insert_before(self, column: int) -> None:
        for letter in sorted(self._left):
            if COLUMNS.index(letter) + 1 < column:
                self._put(letter, self._left.pop(letter), None)

    def _put(self, letter: str, value: str | int, style: str | None) -> None:
        p, where = self._prefix, f"{letter}{self._row}"
        kept = f' s="{style}"' if style is not None else ""
        if isinstance(value, int):
            self.raw(f'<{p}c r="{where}"{kept}><{p}v>{value}</{p}v></{p}c>')
            return
        text = f'<{p}is><{p}t xml:space="preserve">{escape(value)}</{p}t></{p}is>'
        self.raw(f'<{p}c r="{where}"{kept} t="inlineStr">{text}</{p}c>')


def _column_of(where: str) -> int:
    letters = where.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


def _as_new(raw: bytes) -> bytes:
    """An .xls as .xlsx: what its cells hold and how they are laid out."""
    try:
        return _converted(old_book(raw))
    except BROKEN as wrong:
        raise SheetRefused("sheet.not_a_workbook") from wrong


def _converted(old: Any) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name in old.sheet_names():
        _convert(old, old.sheet_by_name(name), made.create_sheet(name))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _convert(old: Any, sheet: Any, made: Any) -> None:
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            cell = sheet.cell(row, column)
            if cell.ctype in _NOTHING:
                continue
            stored = old_value(old, cell)
            there = made.cell(row + 1, column + 1)
            if isinstance(stored.value, str):
                # Said to be text first: a text that begins like a formula must not become one.
                there.data_type = "s"
                there._value = stored.value  # noqa: SLF001 -- its setter would read a formula
            else:
                there.value = stored.value
            there.number_format = old.format_map[old.xf_list[cell.xf_index].format_key].format_str
    for first_row, last_row, first_column, last_column in sheet.merged_cells:
        made.merge_cells(
            start_row=first_row + 1,
            end_row=last_row,
            start_column=first_column + 1,
            end_column=last_column,
        )
    for column, info in sheet.colinfo_map.items():
        there = made.column_dimensions[get_column_letter(column + 1)]
        there.width, there.hidden = info.width / _WIDTH_UNIT, bool(info.hidden)
    for row, info in sheet.rowinfo_map.items():
        there = made.row_dimensions[row + 1]
        there.height, there.hidden = info.height / _HEIGHT_UNIT, bool(info.hidden)


_NOTHING: Final[Sequence[int]] = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)
