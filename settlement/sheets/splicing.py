"""Two cells of some rows of a sheet part found by their bytes, and written anew in place.

Whatever lies between them is not copied word by word but left as it is, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from accounts.workbooks.grid import COLUMNS, Stored
from accounts.workbooks.parts import Attributes
from attest.errors import SheetRefused

_LETTERS = re.compile(r"[A-Z]+")
_DECLARED = re.compile(rb'^(<\?xml[^>]*?encoding=)(["\'])[^"\']+\2')
_PLACE = {letter: n for n, letter in enumerate(COLUMNS)}
Changes = Mapping[int, Mapping[str, str | int]]
# A text by its number in the table of the book.
Shared = Callable[[int], str]


@dataclass(slots=True)
class Spot:
    """Where a cell stands, or would stand; *holds* is what it holds now."""

    begin: int
    end: int
    style: str | None = None
    kind: str = ""
    text: str = ""
    special: bool = False

    def stored(self, shared: Shared) -> Stored:
        if self.special or self.kind == "e":
            return Stored(self.text, formula=True)
        if not self.text:
            return Stored(None)
        if self.kind == "s":
            return Stored(shared(int(self.text)) or None)
        if self.kind in {"inlineStr", "str"}:
            return Stored(self.text)
        if self.kind in {"", "n"}:
            number = float(self.text)
            return Stored(int(number) if number.is_integer() else number)
        raise SheetRefused("sheet.not_a_workbook")


@dataclass(slots=True)
class Part:
    """The bytes of a sheet, and the wanted cells of the wanted rows."""

    content: bytes
    prefix: str = ""
    rows: dict[int, dict[str, Spot]] = field(default_factory=dict)

    def spliced(self, changes: Changes) -> bytes:
        edits = [
            (self.rows[row][letter], f"{letter}{row}", value)
            for row, told in changes.items()
            for letter, value in told.items()
        ]
        pieces, at = [], 0
        for spot, where, value in sorted(edits, key=lambda one: (one[0].begin, one[1])):
            pieces += [self.content[at : spot.begin], self._cell(where, value, spot.style)]
            at = spot.end
        return b"".join([*pieces, self.content[at:]])

    def _cell(self, where: str, value: str | int, style: str | None) -> bytes:
        p, kept = self.prefix, f' s="{style}"' if style is not None else ""
        if isinstance(value, int):
            return f'<{p}c r="{where}"{kept}><{p}v>{value}</{p}v></{p}c>'.encode()
        said = escape(value, {"\r": "&#13;"})
        text = f'<{p}is><{p}t xml:space="preserve">{said}</{p}t></{p}is>'
        return f'<{p}c r="{where}"{kept} t="inlineStr">{text}</{p}c>'.encode()


def part_of(content: bytes, *, rows: set[int], letters: tuple[str, ...]) -> Part:
    """*content* with the cells in *letters* of *rows*, in one pass; all else is passed over."""
    part = Part(_in_utf8(content))
    _Finder(part, rows, letters).run()
    return part


def _in_utf8(content: bytes) -> bytes:
    """As nearly every part is; where it is not, written so."""
    said = expat.ParserCreate()
    told: list[str] = []
    said.XmlDeclHandler = lambda _version, encoding, _alone: told.append(encoding or "")
    said.Parse(content[:400])
    name = (told[0] if told else "") or "utf-8"
    if name.casefold() in {"utf-8", "us-ascii"}:
        return content
    return _DECLARED.sub(rb'\1"UTF-8"', content.decode(name).lstrip("\ufeff").encode())


class _Finder:
    def __init__(self, part: Part, rows: set[int], letters: tuple[str, ...]) -> None:
        self._part, self._rows, self._letters = part, rows, letters
        self._row = self._column = 0
        self._here: dict[str, Spot] | None = None
        self._open: list[str] = []
        self._cell: Spot | None = None
        self._filled = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end

    def run(self) -> None:
        self._parser.Parse(self._part.content, True)  # noqa: FBT003 -- the last of it

    def _begin(self, name: str, said: Attributes) -> None:
        if self._cell is not None:
            self._inside(name)
        elif name == "c" or name.endswith(":c"):
            if self._here is not None:
                self._begin_cell(said)
        elif name == "row" or name.endswith(":row"):
            self._row, self._column = int(said.get("r", self._row + 1)), -1
            self._here = (
                self._part.rows.setdefault(self._row, {}) if self._row in self._rows else None
            )
            self._part.prefix = name.removesuffix("row")

    def _begin_cell(self, said: Attributes) -> None:
        found = _LETTERS.match(said.get("r", ""))
        letter = found[0] if found else ""
        self._column = _PLACE.get(letter, len(COLUMNS)) if letter else self._column + 1
        at = self._parser.CurrentByteIndex
        self._make_room(self._column, at)
        name = COLUMNS[self._column] if self._column < len(COLUMNS) else ""
        if name in self._letters and self._here is not None:
            self._filled = False
            self._cell = self._here[name] = Spot(at, at, said.get("s"), said.get("t", ""))

    def _inside(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        self._open.append(kind)
        self._filled = True
        if self._cell is not None and kind == "f":
            self._cell.special = True
        # The reading aid of a word is not the word.
        heard = kind in {"v", "t"} and "rPh" not in self._open
        self._parser.CharacterDataHandler = self._hear if heard else None

    def _hear(self, text: str) -> None:
        if self._cell is not None:
            self._cell.text += text

    def _end(self, name: str) -> None:
        if self._cell is not None:
            if self._open:
                self._open.pop()
                self._parser.CharacterDataHandler = None
                return
            self._cell.end = self._after_tag()
            self._cell = None
        elif self._here is not None and (name == "row" or name.endswith(":row")):
            self._make_room(len(COLUMNS), self._parser.CurrentByteIndex)
            self._here = None

    def _after_tag(self) -> int:
        """Behind the cell: of one without an end of its own the parser is there already."""
        at = self._parser.CurrentByteIndex
        if not self._filled and self._part.content[at - 2 : at] == b"/>":
            return at
        return self._part.content.index(b">", at) + 1

    def _make_room(self, column: int, at: int) -> None:
        """Cells that are not there would stand before the first one behind them."""
        if self._here is None:
            return
        for letter in self._letters:
            if _PLACE[letter] < column and letter not in self._here:
                self._here[letter] = Spot(at, at)
