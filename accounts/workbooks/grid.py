"""The first sheet of a workbook as rows of stored values. Nothing is evaluated."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any, Final
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

import openpyxl
import xlrd
from xlrd.compdoc import CompDocError

from accounts.workbooks.guard import kind_of
from accounts.workbooks.parts import hidden_rows
from attest.errors import SheetRefused

MOST_ROWS: Final = 50_000
# Rows that hold nothing cost time as well; a sheet is not read further down than this.
_DEEPEST = 60_000
COLUMNS: Final = "ABCDEFGHIJKLMNOPQRSTUVW"
_BEGINS, _ENDS = {0x0009, 0x0209, 0x0409, 0x0809}, 0x000A
_FORMULAS = {0x0006, 0x0206, 0x0406}
# What a broken workbook makes of its readers: both trust the file more than we do.
BROKEN = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError),
    *(struct.error, OverflowError, EOFError, NotImplementedError),
    *(BadZipFile, SyntaxError, ExpatError, xlrd.XLRDError, CompDocError),
)
Value = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a cell holds. *clock*: a moment that is shown with its hours."""

    value: Value = field(repr=False)
    formula: bool = False
    clock: bool = True

    @property
    def text(self) -> str:
        """As somebody reads it; for a number without its idle ``.0``."""
        match self.value:
            case None:
                return ""
            case float() if self.value.is_integer():
                return str(int(self.value))
            case datetime():
                return self.value.strftime("%Y-%m-%d %H:%M" if self.clock else "%Y-%m-%d")
        return str(self.value).strip()


NOTHING = Stored(None)


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: Mapping[str, Stored] = field(repr=False)
    hidden: bool = False

    def at(self, column: str) -> Stored:
        return self.cells.get(column, NOTHING)


def rows_of(raw: bytes) -> Iterator[Row]:
    """The rows that hold anything, from the first on; :class:`SheetRefused` where it breaks."""
    kind = kind_of(raw)
    found = 0
    try:
        for row in _new(raw) if kind == "xlsx" else _old(raw):
            found += 1
            if found > MOST_ROWS or row.number > _DEEPEST:
                raise SheetRefused("sheet.too_large")
            yield row
    except xlrd.XLRDError as wrong:
        locked = "encrypted" in str(wrong)
        raise SheetRefused("sheet.encrypted" if locked else "sheet.not_a_workbook") from wrong
    except BROKEN as wrong:
        raise SheetRefused("sheet.not_a_workbook") from wrong


def _new(raw: bytes) -> Iterator[Row]:
    hidden = hidden_rows(raw)
    with closing(openpyxl.load_workbook(BytesIO(raw), read_only=True, keep_links=False)) as book:
        sheet: Any = book.worksheets[0]
        # What a sheet says of its own size may be wrong; its rows are counted instead.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=len(COLUMNS), max_row=_DEEPEST + 1):
            cells = {COLUMNS[cell.column - 1]: _of(cell) for cell in row if cell.value is not None}
            if cells:
                number = next(cell.row for cell in row if cell.value is not None)
                yield Row(number, cells, number in hidden)


def _of(cell: Any) -> Stored:
    value = cell.value
    if cell.data_type == "f":
        return Stored(str(getattr(value, "text", value)), formula=True)
    if cell.data_type == "e":
        return Stored(str(value), formula=True)
    if isinstance(value, datetime):
        return Stored(_second(value), clock="h" in str(cell.number_format).lower())
    return Stored(value)


def _second(at: datetime) -> datetime:
    """A spreadsheet keeps moments as fractions of a day: nine o'clock may be a hair before it."""
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)


def _old(raw: bytes) -> Iterator[Row]:
    book = old_book(raw)
    formulas = set(_formulas(book))
    sheet = book.sheet_by_index(0)
    for index in range(sheet.nrows):
        cells = {}
        for column in range(min(sheet.row_len(index), len(COLUMNS))):
            formula = (index, column) in formulas
            stored = old_value(book, sheet.cell(index, column), formula=formula)
            if stored.formula or stored.value not in (None, ""):
                cells[COLUMNS[column]] = stored
        if cells:
            info = sheet.rowinfo_map.get(index)
            yield Row(index + 1, cells, bool(info and info.hidden))


def old_book(raw: bytes) -> Any:
    # On demand: else it lets go of the bytes in which the formulas are looked for.
    return xlrd.open_workbook(
        file_contents=raw, on_demand=True, formatting_info=True, logfile=StringIO()
    )


def old_value(book: Any, cell: Any, *, formula: bool = False) -> Stored:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return NOTHING
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Stored(str(cell.value), formula=True)
    if cell.ctype == xlrd.XL_CELL_DATE:
        at = _second(xlrd.xldate_as_datetime(cell.value, book.datemode))
        code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        return Stored(at, formula=formula, clock="h" in code.lower())
    return Stored(cell.value, formula=formula)


def _formulas(book: Any) -> Iterator[tuple[int, int]]:
    """Where the first sheet has formulas: the reader tells their last results and no more."""
    content, at, depth = book.mem, book._sh_abs_posn[0], 0  # noqa: SLF001 -- told nowhere else
    while at + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, at)
        at += 4
        # A chart in the sheet is a stream within the stream.
        depth += (kind in _BEGINS) - (kind == _ENDS)
        if depth <= 0:
            return
        if kind in _FORMULAS and depth == 1:
            yield struct.unpack_from("<HH", content, at)
        at += size
