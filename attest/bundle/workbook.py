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
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from .archive import CHUNK, plain_member
from .cells import Cell, cell_of
from .packing import Packed, Packer, Source, archive_of, joined, packed, repacked

# Rows of a part, of leaves or of lines, and how many parts a sheet holds. Changed, the same
# content gives other bytes.
PART: Final = 20_000
_PARTS: Final = 50
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
            yield _piece(self._head())
            yield from self.pieces()
            yield _piece(self._foot())

        return joined(all_of_it)

    def _head(self) -> str:
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{max(10, 2 * len(title))}" customWidth="1"/>'
            for n, (_, title, _) in enumerate(self.columns, start=1)
        )
        pane = '<pane xSplit="1" ySplit="2" topLeftCell="B3" state="frozen"/>'
        view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        titles = _row(1, [korean for _, korean, _ in self.columns], style=' s="1"')
        titles += _row(2, [english for english, _, _ in self.columns], style=' s="1"')
        return f"{_HEAD}<worksheet {_MAIN}>{view}<cols>{widths}</cols><sheetData>{titles}"

    def _foot(self) -> str:
        corner = f"{_letters(len(self.columns) - 1)}{self.count + 2}"
        return f'</sheetData><autoFilter ref="A2:{corner}"/></worksheet>'


def book_of(
    leaves: Sequence[Sheet], lines: Sequence[Sheet], *, guide: Sequence[str], check: Sequence[str]
) -> Packed:
    """The workbook as a member of the bundle."""
    tables = [*leaves, *lines]
    made = {one.name: one.content() for one in tables}
    made |= {GUIDE: packed(_words(guide)), CHECK: packed(_words(check))}
    shown = [GUIDE, *(one.name for one in tables), CHECK]
    order = [list(made).index(name) for name in shown]
    members = [(_path(n), content) for n, content in enumerate(made.values(), start=1)]
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
    return _row(part % _PARTS * PART + at + 3, cells).encode()


def _piece(text: str) -> bytes:
    packer = Packer()
    packer.write(text.encode())
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
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{max(10, 2 * len(title))}" customWidth="1"/>'
        for n, title in enumerate(titles, start=1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as made:
        for part, text in _parts([name], [0]).items():
            made.writestr(plain_member(part), text)
        with made.open(plain_member(_path(1)), "w") as sheet:
            head = f"{_HEAD}<worksheet {_MAIN}>{view}<cols>{widths}</cols><sheetData>"
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
        _cell(f"{_letters(column)}{number}", cell, style, spell)
        for column, cell in enumerate(cells)
        if cell != ""
    ]
    return f'<row r="{number}">{"".join(parts)}</row>'


def _cell(where: str, cell: Cell, style: str, spell: Spell) -> str:
    if isinstance(cell, int):
        return f'<c r="{where}"{style}><v>{cell}</v></c>'
    text = escape(_UNWRITABLE.sub(_spelled, spell(cell)), quote=False)
    return f'<c r="{where}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _spelled(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _letters(column: int) -> str:
    first, second = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _path(number: int) -> str:
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
        f'<Override PartName="/{_path(n)}" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
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
