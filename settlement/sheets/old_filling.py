"""An .xls filled where it stands: the records of the cells that change, and no others.

The old format is a stream of records (MS-XLS, BIFF8). A program that reads it and writes it anew
keeps what it knows of; here a formula, a picture or a rule of another sheet is never understood,
and so never lost. What changes: cells of R and V, the table of texts, the places where sheets
begin, and three tables of shortcuts, which readers do without and which are left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from xlwt.CompoundDoc import XlsDoc

from accounts.workbooks.grid import BROKEN, COLUMNS, old_book
from attest.errors import SheetRefused

BOF, EOF = 0x0809, 0x000A
BOUNDSHEET, SST, CONTINUE = 0x0085, 0x00FC, 0x003C
ROW, DIMENSIONS = 0x0208, 0x0200
BLANK, NUMBER, LABELSST = 0x0201, 0x0203, 0x00FD
RK, MULRK, MULBLANK = 0x027E, 0x00BD, 0x00BE
# A formula that is shared, a table, and the text a formula came to follow its cell.
_FOLLOWS = {0x0207, 0x0221, 0x0236, 0x04BC}
_CELLS = {BLANK, NUMBER, LABELSST, RK, MULRK, MULBLANK, 0x0006, 0x0204, 0x0205, 0x00D6}
_SHORTCUTS = {0x00FF, 0x020B, 0x00D7}
# The most bytes of one record, and the style of a cell that has none of its own.
_MOST, _PLAIN = 8_224, 15
_BIFF8 = 80

Changes = Mapping[int, Mapping[str, str | int]]


@dataclass(slots=True)
class Record:
    kind: int
    body: bytes
    at: int = -1

    def packed(self) -> bytes:
        return struct.pack("<HH", self.kind, len(self.body)) + self.body


def filled_old(raw: bytes, changes: Changes) -> bytes:
    """*raw* with *changes*: by row, the letter of a cell and what it is to hold."""
    try:
        book = old_book(raw)
        stream = bytes(book.mem[book.base : book.base + book.stream_len])
        begins = book._sh_abs_posn[0] - book.base  # noqa: SLF001 -- told nowhere else
        if book.biff_version != _BIFF8:
            raise SheetRefused("sheet.not_a_workbook")
        made = _patched(stream, begins, changes)
    except BROKEN as wrong:
        raise SheetRefused("sheet.not_a_workbook") from wrong
    out = BytesIO()
    XlsDoc().save(out, made)
    return out.getvalue()


def _patched(stream: bytes, begins: int, changes: Changes) -> bytes:
    records = list(_records(stream))
    texts = _Texts(records)
    made: list[Record] = []
    sheet = _Sheet(changes, texts)
    inside = depth = 0
    for record in records:
        inside = inside or record.at == begins
        depth += (record.kind == BOF) - (record.kind == EOF) if inside else 0
        if record.kind in _SHORTCUTS:
            continue
        # A chart in the sheet is a stream within the stream.
        made += sheet.copied(record) if inside and depth == 1 else [record]
        if inside and depth == 0:
            inside, begins = 0, -1
    return _joined(texts.put_into(made))


def _records(stream: bytes) -> Iterator[Record]:
    at = depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if depth == 0 and kind != BOF:
            return
        depth += (kind == BOF) - (kind == EOF)
        yield Record(kind, stream[at + 4 : at + 4 + size], at)
        at += 4 + size


def _joined(records: list[Record]) -> bytes:
    """With every sheet's new beginning where the list of sheets tells it."""
    moved: dict[int, int] = {}
    at = 0
    for record in records:
        if record.kind == BOF:
            moved[record.at] = at
        at += 4 + len(record.body)
    for record in records:
        if record.kind == BOUNDSHEET:
            (old,) = struct.unpack_from("<I", record.body)
            record.body = struct.pack("<I", moved[old]) + record.body[4:]
    return b"".join(record.packed() for record in records)


class _Texts:
    """The table of texts: what it holds stays, new ones come behind it."""

    def __init__(self, records: list[Record]) -> None:
        (self._first,) = (n for n, record in enumerate(records) if record.kind == SST)
        self._old = records[self._first]
        self._all, self._known = struct.unpack_from("<II", self._old.body)
        self._new: dict[str, int] = {}
        self._asked = 0

    def number_of(self, text: str) -> int:
        self._asked += 1
        return self._new.setdefault(text, self._known + len(self._new))

    def put_into(self, records: list[Record]) -> list[Record]:
        first = next(n for n, record in enumerate(records) if record is self._old)
        last = first
        while records[last + 1].kind == CONTINUE:
            last += 1
        counts = struct.pack("<II", self._all + self._asked, self._known + len(self._new))
        bodies = [record.body for record in records[first : last + 1]]
        bodies[0] = counts + bodies[0][8:]
        for text in self._new:
            _append(bodies, text)
        more = [Record(CONTINUE, body) for body in bodies[1:]]
        self._old.body = bodies[0]
        return [*records[:first], self._old, *more, *records[last + 1 :]]


def _append(bodies: list[bytes], text: str) -> None:
    """A text begins in a record that has room for its head, and goes on in the next."""
    plain = text.encode("utf-16-le")
    head = struct.pack("<HB", len(plain) // 2, 1)
    if len(bodies[-1]) + len(head) + 2 > _MOST:
        bodies.append(b"")
    while True:
        room = (_MOST - len(bodies[-1]) - len(head)) // 2 * 2
        bodies[-1] += head + plain[:room]
        plain = plain[room:]
        if not plain:
            return
        # Where a text is cut, its second part says once more how its letters are kept.
        bodies.append(b"")
        head = b"\x01"


class _Sheet:
    """Copies the records of a sheet; in a row that changes, cells stand anew in their place."""

    def __init__(self, changes: Changes, texts: _Texts) -> None:
        self._changes = {
            number - 1: {COLUMNS.index(letter): value for letter, value in sorted(told.items())}
            for number, told in changes.items()
        }
        self._last = max((max(told) for told in self._changes.values() if told), default=0)
        self._texts = texts
        self._row, self._left = -1, dict[int, str | int]()

    def copied(self, record: Record) -> list[Record]:
        if record.kind in _CELLS:
            return self._cell(record)
        if record.kind in _FOLLOWS:
            return [record]
        rest = self._rest()
        if record.kind == ROW:
            return [*rest, self._widened_row(record)]
        if record.kind == DIMENSIONS:
            return [*rest, self._widened(record)]
        return [*rest, record]

    def _cell(self, record: Record) -> list[Record]:
        row, column = struct.unpack_from("<HH", record.body)
        rest: list[Record] = []
        if row != self._row:
            rest = self._rest()
            self._row, self._left = row, dict(self._changes.get(row, {}))
        if not self._left:
            return [*rest, record]
        for one in _single(record):
            row, column, style = struct.unpack_from("<HHH", one.body)
            rest += self._before(column)
            rest.append(self._anew(column, style) if column in self._left else one)
        return rest

    def _before(self, column: int) -> list[Record]:
        return [self._anew(one, _PLAIN) for one in sorted(self._left) if one < column]

    def _rest(self) -> list[Record]:
        return self._before(len(COLUMNS))

    def _anew(self, column: int, style: int) -> Record:
        value = self._left.pop(column)
        where = struct.pack("<HHH", self._row, column, style)
        if isinstance(value, int):
            return Record(NUMBER, where + struct.pack("<d", value))
        return Record(LABELSST, where + struct.pack("<I", self._texts.number_of(value)))

    def _widened_row(self, record: Record) -> Record:
        number, first, last = struct.unpack_from("<HHH", record.body)
        if told := self._changes.get(number):
            first, last = min(first, *told), max(last, *(column + 1 for column in told))
            record.body = struct.pack("<HHH", number, first, last) + record.body[6:]
        return record

    def _widened(self, record: Record) -> Record:
        top, bottom, first, last = struct.unpack_from("<IIHH", record.body)
        last = max(last, self._last + 1)
        record.body = struct.pack("<IIHH", top, bottom, first, last) + record.body[12:]
        return record


def _single(record: Record) -> Iterator[Record]:
    """Several cells in one record as one each."""
    if record.kind not in {MULRK, MULBLANK}:
        yield record
        return
    row, column = struct.unpack_from("<HH", record.body)
    size, kind = (6, RK) if record.kind == MULRK else (2, BLANK)
    for at in range(4, len(record.body) - 2, size):
        yield Record(kind, struct.pack("<HH", row, column) + record.body[at : at + size])
        column += 1
