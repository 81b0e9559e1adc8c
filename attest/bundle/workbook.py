"""The bundle's workbook: two rows of titles, then strings and integers, nothing else.

Sheets 안내, 기록 (a new one every 1,000,000 rows), 정산, 검증. Rows were laid aside part by part
and are only put together here. There is no formula, link or date in it, and the same rows give
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from string import ascii_uppercase
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from .archive import CHUNK, plain_member
from .cells import OBEYED, Cell, cell_of
from .packing import Packed, Packer, Source, archive_of, joined, packed, repacked

# Rows of a part, of leaves or of lines, and how many parts a sheet holds. Changed, the same
# content gives other bytes.
PART: Final = 20_000
_PARTS: Final = 50
MOST_ROWS: Final = _PARTS * PART
GUIDE, LEAVES, LINES, CHECK = "안내", "기록", "정산", "검증"

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES: Final = (
    f'{_HEAD}<styleSheet {_MAIN}><fonts count="2"><font/><font><b/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf fontId="1" applyFont="1" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
# What XML cannot hold is written as a workbook writes it, and so is what looks like that.
_UNWRITABLE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
# Every other text stands in a part as it is.
_SPECIAL: Final = re.compile(f"^[{re.escape(''.join(OBEYED))}]|[<>&]|{_UNWRITABLE.pattern}").search
# More than any table here has: A to AZ.
_LETTERS: Final = (*ascii_uppercase, *(f"A{letter}" for letter in ascii_uppercase))

Columns = Sequence[tuple[str, str, str]]
# The deflated rows of the parts of these numbers.
PiecesOf = Callable[[Iterable[int]], Iterable[bytes]]
# How a text stands in its cell.
Spell = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: titles in Korean and English, frozen, filtered."""

    name: str
    columns: Columns
    count: int
    pieces: Source

    def content(self) -> Packed:
        def all_of_it() -> Iterator[bytes]:
            yield _piece(sheet_head(self.columns))
            yield from self.pieces()
            yield _piece(sheet_end(self.columns, self.count))

        return joined(all_of_it)


def sheet_head(columns: Columns) -> bytes:
    pane = '<pane xSplit="1" ySplit="2" topLeftCell="B3" state="frozen"/>'
    start = _start([title for _, title, _ in columns], pane)
    korean = _row(1, [title for _, title, _ in columns], style=' s="1"')
    english = _row(2, [name for name, _, _ in columns], style=' s="1"')
    return f"{start}{korean}{english}".encode()


def sheet_row(count: int, cells: Iterable[Cell]) -> bytes:
    """The *count*-th row below the titles."""
    return _row(count + 2, cells).encode()


def sheet_end(columns: Columns, count: int) -> bytes:
    corner = f"{_LETTERS[len(columns) - 1]}{count + 2}"
    return f'</sheetData><autoFilter ref="A2:{corner}"/></worksheet>'.encode()


def _start(titles: Sequence[str], pane: str) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{max(10, 2 * len(title))}" customWidth="1"/>'
        for n, title in enumerate(titles, start=1)
    )
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f"{_HEAD}<worksheet {_MAIN}>{view}<cols>{widths}</cols><sheetData>"


def book_of(
    leaves: Sequence[Sheet], lines: Sequence[Sheet], *, guide: Sequence[str], check: Sequence[str]
) -> Packed:
    """The workbook as a member of the bundle."""
    tables = [*leaves, *lines]
    made = {one.name: one.content() for one in tables}
    made |= {GUIDE: packed(_words(guide)), CHECK: packed(_words(check))}
    shown = [GUIDE, *(one.name for one in tables), CHECK]
    order = [list(made).index(name) for name in shown]
    members = [(path_of(n), content) for n, content in enumerate(made.values(), start=1)]
    members += [(name, packed(text.encode())) for name, text in _parts(list(made), order).items()]
    return repacked(lambda: archive_of(members))


def sheets_of(base: str, columns: Columns, counts: Sequence[int], pieces: PiecesOf) -> list[Sheet]:
    """Sheets of *base* from parts of *counts* rows each; *pieces* gives the rows of some parts."""
    found = []
    for first in range(0, len(counts), _PARTS):
        numbers = range(first, min(first + _PARTS, len(counts)))
        name = f"{base} {first // _PARTS + 1}" if first else base
        rows = sum(counts[number] for number in numbers)
        found.append(Sheet(name, columns, rows, partial(pieces, numbers)))
    return found


def row_of(part: int, at: int, cells: Iterable[Cell]) -> bytes:
    """Row *at* of a part, where it stands in its sheet: below two rows of titles."""
    return sheet_row(part % _PARTS * PART + at + 1, cells)


def _piece(raw: bytes) -> bytes:
    packer = Packer()
    packer.write(raw)
    return packer.close()


def _words(lines: Sequence[str]) -> bytes:
    """A sheet of words, one line a row."""
    rows = "".join(_row(n, [line]) for n, line in enumerate(lines, start=1))
    cols = '<cols><col min="1" max="1" width="100" customWidth="1"/></cols>'
    return f"{_HEAD}<worksheet {_MAIN}>{cols}<sheetData>{rows}</sheetData></worksheet>".encode()


def plain_book(name: str, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A workbook of one sheet as it comes: nothing of it is written down on the way.

    Cells go in as they are: whoever calls has seen to it that none is obeyed.
    """
    out = _Passing()
    pane = '<pane ySplit="1" topLeftCell="A2" state="frozen"/>'
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as made:
        for part, text in _parts([name], [0]).items():
            made.writestr(plain_member(part), text)
        with made.open(plain_member(path_of(1)), "w") as sheet:
            head = _start(titles, pane)
            sheet.write((head + _row(1, titles, style=' s="1"', spell=str)).encode())
            for number, cells in enumerate(rows, start=2):
                sheet.write(_row(number, cells, spell=str).encode())
                if len(out.held) > CHUNK:
                    yield out.taken()
            sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


class _Passing:
    """A file nobody can go back in: what an archive writes is taken out at once."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, raw: bytes) -> int:
        self.held += raw
        return len(raw)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """What is left is still taken out."""

    def taken(self) -> bytes:
        held, self.held = bytes(self.held), bytearray()
        return held


def _row(number: int, cells: Iterable[Cell], *, style: str = "", spell: Spell = cell_of) -> str:
    parts = [
        f'<c r="{letters}{number}"{style}><v>{cell}</v></c>'
        if isinstance(cell, int)
        else f'<c r="{letters}{number}"{style} t="inlineStr"><is><t xml:space="preserve">'
        f"{_marked(cell, spell) if _SPECIAL(cell) else cell}</t></is></c>"
        for letters, cell in zip(_LETTERS, cells, strict=False)
        if cell != ""
    ]
    return f'<row r="{number}">{"".join(parts)}</row>'


def _marked(text: str, spell: Spell) -> str:
    return escape(_UNWRITABLE.sub(_spelled, spell(text)), quote=False)


def _spelled(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def path_of(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _parts(names: Sequence[str], order: Sequence[int]) -> dict[str, str]:
    """What tells a reader which sheet is which."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name="{names[at]}" sheetId="{at + 1}" r:id="rId{at + 1}"/>' for at in order
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    styles = f'<Relationship Id="rId0" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    kinds = "".join(
        f'<Override PartName="/{path_of(n)}" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
    )
    return {
        "[Content_Types].xml": (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{kinds}</Types>'
        ),
        "_rels/.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{styles}{links}'
            "</Relationships>"
        ),
        "xl/styles.xml": _STYLES,
    }
