"""Views as our own writer makes them: held against its bytes, they need no reading.

A row that is made again from the truth and found byte for byte is the row. From the first
byte that differs on nothing is said here, and ``tables`` reads the view as anybody would.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, ClassVar, Final, Protocol
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from attest.errors import BundleUnusable

from .archive import pieces
from .cells import BOM, Cell, csv_line
from .columns import LEAF_COLUMNS, LINE_COLUMNS
from .sheets import MOST_BYTES, SheetRow, rows_of, sheets_of
from .workbook import (
    CHECK,
    GUIDE,
    LEAVES,
    LINES,
    MOST_ROWS,
    Columns,
    sheet_end,
    sheet_head,
    sheet_row,
)

# What a stream says that breaks off or is no archive; whoever reads it as a table says it aloud.
_BROKEN: Final = (BundleUnusable, BadZipFile, zlib.error, EOFError, KeyError, ValueError, OSError)


class Verbatim(Protocol):
    """The rows of a view, asked for in their order."""

    def has(self, base: str, cells: Sequence[Cell]) -> bool:
        """Whether the row of *cells* comes next in the table *base*."""
        ...

    def ends(self, base: str) -> bool:
        """Whether no row of *base* is left."""
        ...

    def others(self) -> Iterator[SheetRow]:
        """Rows of no table."""
        ...


class Stream:
    """Bytes that come in pieces, taken off as they are expected."""

    def __init__(self, content: Iterable[bytes]) -> None:
        self._pieces, self._held, self._at = iter(content), b"", 0

    def takes(self, due: bytes) -> bool:
        """Whether *due* comes next; if so it is passed."""
        while len(self._held) - self._at < len(due):
            if (piece := next(self._pieces, None)) is None:
                return False
            self._held, self._at = self._held[self._at :] + piece, 0
        found = self._held.startswith(due, self._at)
        self._at += len(due) * found
        return found

    def is_over(self) -> bool:
        return self._at == len(self._held) and not any(self._pieces)


class CsvRows:
    """A CSV view under its titles."""

    def __init__(self, content: Iterable[bytes], names: Sequence[str]) -> None:
        self._stream, self._head = Stream(content), BOM + csv_line(names)

    def has(self, base: str, cells: Sequence[Cell]) -> bool:
        del base
        head, self._head = self._head, b""
        try:
            return self._stream.takes(head + csv_line(cells))
        except _BROKEN:
            return False

    def ends(self, base: str) -> bool:
        del base
        try:
            return self._stream.takes(self._head) and self._stream.is_over()
        except _BROKEN:
            return False

    def others(self) -> Iterator[SheetRow]:
        return iter(())


class BookRows:
    """The workbook's two tables, sheet after sheet; a book of another build has no row of ours."""

    _COLUMNS: ClassVar[dict[str, Columns]] = {LEAVES: LEAF_COLUMNS, LINES: LINE_COLUMNS}

    def __init__(self, book: ZipFile) -> None:
        self._book, self._ended = book, set[str]()
        self._base, self._count = "", 0
        self._stream: Stream | None = None
        sheets = list(sheets_of(book))
        names = [name for name, _ in sheets]
        self._words = [sheets[0], sheets[-1]]
        self._tables = deque(sheets[1:-1])
        self._ours = _is_ours(names) and "xl/sharedStrings.xml" not in book.namelist()

    def has(self, base: str, cells: Sequence[Cell]) -> bool:
        try:
            if (self._base != base or self._count == MOST_ROWS) and not self._turn(base):
                return False
            self._count += 1
            return self._stream is not None and self._stream.takes(sheet_row(self._count, cells))
        except _BROKEN:
            return False

    def ends(self, base: str) -> bool:
        try:
            if base not in self._ended and self._base != base and not self._turn(base):
                return False
            ended = base in self._ended or self._finish()
        except _BROKEN:
            return False
        return ended and not (base == LINES and self._tables)

    def others(self) -> Iterator[SheetRow]:
        """Rows of the sheets of words."""
        for name, path in self._words:
            yield from rows_of(self._book, name, path)

    def _turn(self, base: str) -> bool:
        """Leave the sheet at hand, which must be over, for the next, which must be of *base*."""
        if not self._ours or not self._tables or (self._stream and not self._finish()):
            return False
        name, path = self._tables.popleft()
        self._base, self._count = base, 0
        self._stream = Stream(pieces(self._book.open(path)))
        return name.partition(" ")[0] == base and self._stream.takes(
            sheet_head(self._COLUMNS[base])
        )

    def _finish(self) -> bool:
        end = sheet_end(self._COLUMNS[self._base], self._count)
        if self._stream is None or not (self._stream.takes(end) and self._stream.is_over()):
            return False
        self._stream = None
        self._ended.add(self._base)
        return True


def book_rows(file: IO[bytes]) -> BookRows | None:
    """None for what is no workbook; whoever reads it as a table says so."""
    try:
        book = ZipFile(file)
        is_small = sum(member.file_size for member in book.infolist()) <= MOST_BYTES
        return BookRows(book) if is_small else None
    except (*_BROKEN, ParseError, IndexError, StopIteration):
        return None


def _is_ours(names: Sequence[str]) -> bool:
    """Words, leaves, lines, words; further sheets of a table are numbered from 2 on."""
    bases = [name.partition(" ")[0] for name in names]
    tables = [base for base in (LEAVES, LINES) for _ in range(bases.count(base))]
    due = [GUIDE, *tables, CHECK]
    counted = [
        base if bases[:at].count(base) == 0 else f"{base} {bases[:at].count(base) + 1}"
        for at, base in enumerate(due)
    ]
    return list(names) == counted
