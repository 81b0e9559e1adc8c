"""The bundle's workbook: two rows of titles, then strings and integers, nothing else.

Sheets 안내, 기록 (a new one every 1,000,000 rows), 정산, 검증. Rows go straight into the
archive as they come: no file with a name, which a crash would leave lying about. There is
no formula, link or date in it, and the same rows give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from string import ascii_uppercase
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZipFile

from .archive import plain_member
from .cells import OBEYED, Cell, cell_of
from .columns import LEAF_COLUMNS, LINE_COLUMNS

MOST_ROWS: Final = 1_000_000
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


class Workbook:
    """Leaves first, then lines, then ``close``: one part of the archive is open at a time."""

    def __init__(self, out: IO[bytes]) -> None:
        self._book = ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6)
        self._names: list[str] = []
        self._sheet = self._begin(LEAVES, LEAF_COLUMNS)

    def leaf(self, cells: Iterable[Cell]) -> None:
        self._row(cells)

    def line(self, cells: Iterable[Cell]) -> None:
        self._turn_to_lines()
        self._row(cells)

    def close(self, *, guide: Sequence[str], check: Sequence[str]) -> None:
        self._turn_to_lines()
        self._sheet.close()
        for name, lines in ((GUIDE, guide), (CHECK, check)):
            self._names.append(name)
            with _Text(self._book, len(self._names)) as sheet:
                sheet.rows(lines)
        order = sorted(range(len(self._names)), key=self._place)
        for name, content in _parts(self._names, order).items():
            self._book.writestr(plain_member(name), content)
        self._book.close()

    def abandon(self) -> None:
        """Nobody will read it: only the archive's own handles are let go."""
        self._sheet.close()
        self._book.close()

    def _turn_to_lines(self) -> None:
        if self._sheet.base == LEAVES:
            self._sheet.close()
            self._sheet = self._begin(LINES, LINE_COLUMNS)

    def _row(self, cells: Iterable[Cell]) -> None:
        if self._sheet.count == MOST_ROWS:
            self._sheet.close()
            self._sheet = self._begin(self._sheet.base, self._sheet.columns)
        self._sheet.put(cells)

    def _begin(self, base: str, columns: Columns) -> _Sheet:
        earlier = sum(name.partition(" ")[0] == base for name in self._names)
        self._names.append(f"{base} {earlier + 1}" if earlier else base)
        return _Sheet(self._book, len(self._names), base, columns)

    def _place(self, at: int) -> tuple[int, int]:
        base = self._names[at].partition(" ")[0]
        return (GUIDE, LEAVES, LINES, CHECK).index(base), at


class _Sheet:
    """A table: titles in Korean and English, frozen, filtered."""

    def __init__(self, book: ZipFile, number: int, base: str, columns: Columns) -> None:
        self.base, self.columns, self.count = base, columns, 0
        self._part = book.open(plain_member(path_of(number)), "w", force_zip64=False)
        self._part.write(sheet_head(columns))

    def put(self, cells: Iterable[Cell]) -> None:
        self.count += 1
        self._part.write(sheet_row(self.count, cells))

    def close(self) -> None:
        self._part.write(sheet_end(self.columns, self.count))
        self._part.close()


class _Text:
    """A sheet of words, one line a row."""

    def __init__(self, book: ZipFile, number: int) -> None:
        self._part = book.open(plain_member(path_of(number)), "w")

    def __enter__(self) -> _Text:
        return self

    def __exit__(self, *how: object) -> None:
        self._part.close()

    def rows(self, lines: Sequence[str]) -> None:
        rows = "".join(_row(n, [line]) for n, line in enumerate(lines, start=1))
        cols = '<cols><col min="1" max="1" width="100" customWidth="1"/></cols>'
        text = f"{_HEAD}<worksheet {_MAIN}>{cols}<sheetData>{rows}</sheetData></worksheet>"
        self._part.write(text.encode())


def sheet_head(columns: Columns) -> bytes:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{max(10, 2 * len(title))}" customWidth="1"/>'
        for n, (_, title, _) in enumerate(columns, start=1)
    )
    pane = '<pane xSplit="1" ySplit="2" topLeftCell="B3" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    korean = _row(1, [title for _, title, _ in columns], style=' s="1"')
    english = _row(2, [name for name, _, _ in columns], style=' s="1"')
    start = f"{_HEAD}<worksheet {_MAIN}>{view}<cols>{widths}</cols><sheetData>"
    return f"{start}{korean}{english}".encode()


def sheet_row(count: int, cells: Iterable[Cell]) -> bytes:
    """The *count*-th row below the titles."""
    return _row(count + 2, cells).encode()


def sheet_end(columns: Columns, count: int) -> bytes:
    corner = f"{_LETTERS[len(columns) - 1]}{count + 2}"
    return f'</sheetData><autoFilter ref="A2:{corner}"/></worksheet>'.encode()


def _row(number: int, cells: Iterable[Cell], *, style: str = "") -> str:
    parts = [
        f'<c r="{letters}{number}"{style}><v>{cell}</v></c>'
        if isinstance(cell, int)
        else f'<c r="{letters}{number}"{style} t="inlineStr"><is><t xml:space="preserve">'
        f"{_marked(cell) if _SPECIAL(cell) else cell}</t></is></c>"
        for letters, cell in zip(_LETTERS, cells, strict=False)
        if cell != ""
    ]
    return f'<row r="{number}">{"".join(parts)}</row>'


def _marked(text: str) -> str:
    return escape(_UNWRITABLE.sub(_spelled, cell_of(text)), quote=False)


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
