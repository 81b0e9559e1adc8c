"""The clerk's own workbook with sums in R and reasons in V; every other cell as it was.

An .xlsx is copied part by part: styles, widths, merges and what we do not know of stay
byte for byte or element for element. An .xls comes out as .xlsx with its values, merges,
widths and number formats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import xlrd
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.reader.strings import read_string_table
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from accounts.workbooks.grid import BROKEN, Stored, old_book, old_value, rows_of
from accounts.workbooks.guard import kind_of
from accounts.workbooks.parts import first_sheet
from attest.errors import SheetRefused
from settlement.sheets.month import FIRST_ROW, won_of
from settlement.sheets.old_filling import filled_old
from settlement.sheets.splicing import Changes, part_of

SUM, NOTE = "R", "V"
# How hard a part is packed: the smallest file is not worth the wait.
LEVEL: Final = 4
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
    stand = {row.number: (row.at(SUM), row.at(NOTE)) for row in rows_of(raw)}
    changes = _changes_of(fills, stand)
    return filled_old(raw, changes) if changes else raw


def filled(raw: bytes, fills: Mapping[int, Fill]) -> bytes:
    """The workbook *raw* as .xlsx, its rows filled by number."""
    book = raw if kind_of(raw) == "xlsx" else _as_new(raw)
    try:
        return _filled(book, fills)
    except BROKEN as wrong:
        raise SheetRefused("sheet.not_a_workbook") from wrong


def _filled(book: bytes, fills: Mapping[int, Fill]) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(book)) as theirs:
        sheet = first_sheet(theirs)
        part = part_of(theirs.read(sheet), rows=set(fills), letters=(SUM, NOTE))
        texts = _Shared(theirs)
        stand = {
            row: (spots[SUM].stored(texts.at), spots[NOTE].stored(texts.at))
            for row, spots in part.rows.items()
            if len(spots) == len((SUM, NOTE))
        }
        changes = _changes_of(fills, stand)
        if not changes:
            return book
        with ZipFile(out, "w", ZIP_DEFLATED) as made:
            for member in theirs.infolist():
                changed = member.filename == sheet
                content = part.spliced(changes) if changed else theirs.read(member)
                made.writestr(member, content, ZIP_DEFLATED, LEVEL)
    return out.getvalue()


class _Shared:
    """The table of texts of a book, read once somebody asks."""

    def __init__(self, book: ZipFile) -> None:
        self._book, self._texts = book, list[str]()

    def at(self, number: int) -> str:
        if not self._texts:
            with self._book.open("xl/sharedStrings.xml") as part:
                self._texts = read_string_table(part)
        return self._texts[number]


def _changes_of(fills: Mapping[int, Fill], stand: Mapping[int, tuple[Stored, Stored]]) -> Changes:
    numbers = {number for number in stand if number >= FIRST_ROW}
    if missing := fills.keys() - numbers:
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
    _InMemory(made, ZipFile(out, "w", ZIP_DEFLATED)).save()
    return out.getvalue()


class _InMemory(ExcelWriter):  # type: ignore[misc]  # it says no types
    """By itself it lays each sheet aside in a named file, in the clear: that outlives a kill."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()  # noqa: SLF001 -- as its own method does it
        room = BytesIO()
        writer = WorksheetWriter(ws, room)
        writer.write()
        ws._rels = writer._rels  # noqa: SLF001 -- the same
        self._archive.writestr(ws.path[1:], room.getvalue())
        self.manifest.append(ws)


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
