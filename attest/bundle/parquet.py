"""The table of leaves as Apache Parquet, for whoever computes over it: int64 and strings.

    PAR1 ‖ row groups ‖ footer ‖ u32 ‖ PAR1      each column of a group: one page, plain, as it is

Not compressed and of one layout, so that the same rows give the same bytes on every machine: a
verifier makes it again and compares, and needs to read nobody else's. Nothing is null but what
is blank in the other views. The footer is Thrift's compact protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .cells import Cell
from .columns import INT

GROUP: Final = 5_000
MAGIC: Final = b"PAR1"
_INT64, _BYTES = 2, 6
_I32, _I64, _TEXT, _LIST, _STRUCT = 5, 6, 8, 9, 12
_PLAIN, _RLE = 0, 3
_MADE_BY: Final = "tripseal"
_INT64_END: Final = 1 << 63

Columns = Sequence[tuple[str, str, str]]
# Of a group: how many rows, and how long each of its columns is.
Sizes = tuple[int, Sequence[int]]


class Parquet:
    """Rows come, bytes go: with each full group, and what is left over at the end.

    ``MAGIC`` goes before the first group, and ``footer_of`` all *groups* behind the last.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns, self._rows = columns, list[Sequence[Cell]]()
        self.groups = list[Sizes]()
        # Of the last group: name and bytes of each column, to say which one differs.
        self.pages: list[tuple[str, bytes]] = []

    def row(self, cells: Sequence[Cell]) -> bytes:
        self._rows.append(cells)
        return self._group() if len(self._rows) == GROUP else b""

    def rest(self) -> bytes:
        return self._group() if self._rows else b""

    def _group(self) -> bytes:
        """All columns of the rows that wait."""
        self.pages = [
            (name, column_page([row[at] for row in self._rows], kind))
            for at, (name, _, kind) in enumerate(self._columns)
        ]
        self.groups.append((len(self._rows), [len(page) for _, page in self.pages]))
        self._rows = []
        return b"".join(page for _, page in self.pages)


def footer_of(columns: Columns, groups: Sequence[Sizes]) -> bytes:
    """What stands behind the last group, and ends the file."""
    root = _struct((4, _TEXT, _text("schema")), (5, _I32, _number(len(columns))))
    footer = _struct(
        (1, _I32, _number(1)),
        (2, _LIST, _list(_STRUCT, [root, *map(_element, columns)])),
        (3, _I64, _number(sum(rows for rows, _ in groups))),
        (4, _LIST, _list(_STRUCT, list(_told(columns, groups)))),
        (6, _TEXT, _text(_MADE_BY)),
    )
    return footer + len(footer).to_bytes(4, "little") + MAGIC


def _told(columns: Columns, groups: Sequence[Sizes]) -> Iterator[bytes]:
    """Each group, and where its columns begin."""
    at = len(MAGIC)
    for rows, sizes in groups:
        chunks = list[bytes]()
        for (name, _, kind), size in zip(columns, sizes, strict=True):
            chunks.append(_chunk(name, kind, rows=rows, offset=at, size=size))
            at += size
        size_told = (2, _I64, _number(sum(sizes)))
        yield _struct((1, _LIST, _list(_STRUCT, chunks)), size_told, (3, _I64, _number(rows)))


def column_page(cells: Sequence[Cell], kind: str) -> bytes:
    """Page header, which cells there are, and those."""
    values = [_value(cell, kind) for cell in cells]
    levels = b"".join(_runs(value is not None for value in values))
    held = b"".join(value for value in values if value is not None)
    content = len(levels).to_bytes(4, "little") + levels + held
    counted = _struct(
        (1, _I32, _number(len(cells))),
        (2, _I32, _number(_PLAIN)),
        (3, _I32, _number(_RLE)),
        (4, _I32, _number(_RLE)),
    )
    size = _number(len(content))
    header = _struct((1, _I32, _number(0)), (2, _I32, size), (3, _I32, size), (5, _STRUCT, counted))
    return header + content


def _value(cell: Cell, kind: str) -> bytes | None:
    """A column has one type: a number among words is spelled, a word among numbers left out."""
    if cell == "":
        return None
    if kind != INT:
        raw = str(cell).encode()
        return len(raw).to_bytes(4, "little") + raw
    if not isinstance(cell, int) or not -_INT64_END <= cell < _INT64_END:
        return None
    return cell.to_bytes(8, "little", signed=True)


def _runs(there: Iterable[bool]) -> Iterator[bytes]:
    """Definition levels of one bit: how often in a row, and which."""
    known, count = False, 0
    for one in there:
        if count and one != known:
            yield _varint(count << 1) + bytes([known])
            count = 0
        known, count = one, count + 1
    if count:
        yield _varint(count << 1) + bytes([known])


def _element(column: tuple[str, str, str]) -> bytes:
    name, _, kind = column
    fields = [(1, _I32, _number(_type(kind))), (3, _I32, _number(1)), (4, _TEXT, _text(name))]
    return _struct(*fields, *([] if kind == INT else [(6, _I32, _number(0))]))


def _chunk(name: str, kind: str, *, rows: int, offset: int, size: int) -> bytes:
    encodings = _list(_I32, [_number(_PLAIN), _number(_RLE)])
    told = _struct(
        (1, _I32, _number(_type(kind))),
        (2, _LIST, encodings),
        (3, _LIST, _list(_TEXT, [_text(name)])),
        (4, _I32, _number(0)),
        (5, _I64, _number(rows)),
        (6, _I64, _number(size)),
        (7, _I64, _number(size)),
        (9, _I64, _number(offset)),
    )
    return _struct((2, _I64, _number(offset)), (3, _STRUCT, told))


def _type(kind: str) -> int:
    return _INT64 if kind == INT else _BYTES


# -- Thrift, compact ---------------------------------------------------------------------


def _struct(*fields: tuple[int, int, bytes]) -> bytes:
    out, last = b"", 0
    for number, kind, raw in fields:
        out += bytes([(number - last) << 4 | kind]) + raw
        last = number
    return out + b"\0"


def _list(kind: int, parts: Sequence[bytes]) -> bytes:
    count = len(parts)
    head = bytes([count << 4 | kind]) if count < 15 else bytes([0xF0 | kind]) + _varint(count)
    return head + b"".join(parts)


def _text(text: str) -> bytes:
    raw = text.encode()
    return _varint(len(raw)) + raw


def _number(number: int) -> bytes:
    """Zigzag; none of ours is negative."""
    return _varint(number << 1)


def _varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])
