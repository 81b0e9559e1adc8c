"""The parts of an .xlsx: which one is the first sheet, and a way to copy one with changes."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from posixpath import join, normpath
from typing import IO, Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile

from attest.errors import SheetRefused

BOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
Attributes = dict[str, str]


def plain(name: str) -> str:
    """The name of an element without the prefix its writer chose."""
    return name.rpartition(":")[2]


def parse(part: IO[bytes], begin: Callable[[str, Attributes], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.ParseFile(part)


def first_sheet(book: ZipFile) -> str:
    """The path of the sheet that a reader is shown first in the list."""
    ids: list[str] = []
    targets: dict[str, str] = {}

    def listed(name: str, said: Attributes) -> None:
        if plain(name) == "sheet":
            ids.extend(value for key, value in said.items() if plain(key) == "id" and ":" in key)

    def linked(name: str, said: Attributes) -> None:
        if plain(name) == "Relationship" and said.get("Type", "").endswith("/worksheet"):
            targets[said.get("Id", "")] = said.get("Target", "")

    with book.open(BOOK) as part:
        parse(part, listed)
    with book.open(LINKS) as part:
        parse(part, linked)
    if not ids or ids[0] not in targets:
        raise SheetRefused("sheet.not_a_workbook")
    target = targets[ids[0]]
    return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))


def hidden_rows(raw: bytes) -> set[int]:
    """Rows of the first sheet that a clerk does not see."""
    hidden: set[int] = set()

    def begun(name: str, said: Attributes) -> None:
        if plain(name) == "row" and said.get("hidden") in {"1", "true"}:
            hidden.add(int(said.get("r", "0")))

    with ZipFile(BytesIO(raw)) as book, book.open(first_sheet(book)) as part:
        parse(part, begun)
    return hidden


class Copy:
    """One part copied element by element, as raw as it was; a subclass changes what it must.

    Names keep the prefixes of their writer: others of the part refer to them.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._bits, self._open = out, list[str](), False

    def run(self, part: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.ordered_attributes = False
        parser.buffer_text = True
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        self.write('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n')
        parser.ParseFile(part)
        self._flush()

    def begin(self, name: str, said: Attributes) -> None:
        self._close_tag()
        told = "".join(f" {key}={quoteattr(value)}" for key, value in said.items())
        self.write(f"<{name}{told}")
        self._open = True

    def end(self, name: str) -> None:
        if self._open:
            self.write("/>")
            self._open = False
        else:
            self.write(f"</{name}>")

    def text(self, said: str) -> None:
        self._close_tag()
        self.write(escape(said, {"\r": "&#13;"}))

    def raw(self, said: str) -> None:
        self._close_tag()
        self.write(said)

    def write(self, said: str) -> None:
        self._bits.append(said)
        if len(self._bits) > 10_000:
            self._flush()

    def _close_tag(self) -> None:
        if self._open:
            self.write(">")
            self._open = False

    def _flush(self) -> None:
        self._out.write("".join(self._bits).encode())
        self._bits.clear()


def copied(book: ZipFile, name: str, copy: type[Any]) -> bytes:
    out = BytesIO()
    with book.open(name) as part:
        copy(out).run(part)
    return out.getvalue()
