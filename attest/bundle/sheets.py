"""A table as its reader finds it: CSV or XLSX, also one that a spreadsheet saved again.

Every cell comes as text, and as a formula where it is one. XLSX is read with the
standard library: shared and inline strings, numbers, truth values; no date is guessed.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, Final
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, fromstring
from zipfile import BadZipFile, ZipFile

from attest.errors import BundleUnusable

MOST_BYTES: Final = 4 << 30
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION: Final = re.compile(r"\{.*\}id")
_CELL: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK: Final = 65_536


class Formula(str):
    """A cell that a spreadsheet computes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SheetRow:
    """*number* counts from 1 as a spreadsheet does; *sheet* is empty in CSV."""

    sheet: str
    number: int
    cells: list[str]


def csv_rows(pieces: Iterable[bytes], *, what: str) -> Iterator[SheetRow]:
    """The rows of UTF-8 CSV, BOM or not; ``BundleUnusable`` for another encoding."""
    try:
        for number, row in enumerate(csv.reader(_texts(pieces), strict=True), start=1):
            yield SheetRow("", number, row)
    except (csv.Error, UnicodeDecodeError) as wrong:
        raise BundleUnusable("zip.unreadable", what=what) from wrong


def saved_csv_rows(raw: bytes, *, what: str) -> Iterator[SheetRow]:
    """As a Korean office saves one: UTF-8 or CP949, comma, semicolon or tab."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("cp949")
        except UnicodeDecodeError as wrong:
            raise BundleUnusable("zip.unreadable", what=what) from wrong
    head = text.partition("\n")[0]
    comma = max(",;\t", key=head.count)
    try:
        lines = text.splitlines(keepends=True)
        for number, row in enumerate(csv.reader(lines, delimiter=comma, strict=True), start=1):
            yield SheetRow("", number, row)
    except csv.Error as wrong:
        raise BundleUnusable("zip.unreadable", what=what) from wrong


def xlsx_rows(file: IO[bytes], *, what: str) -> Iterator[SheetRow]:
    """Row by row, sheet after sheet in the order of the book."""
    with file, readable(what), ZipFile(file) as book:
        if sum(member.file_size for member in book.infolist()) > MOST_BYTES:
            raise BundleUnusable("zip.too_large", what=what)
        strings = list(_shared(book))
        for name, path in sheets_of(book):
            yield from rows_of(book, name, path, strings)


@contextmanager
def readable(what: str) -> Iterator[None]:
    """``BundleUnusable`` for a workbook that breaks off, or is none."""
    try:
        yield
    except (BadZipFile, zlib.error, ParseError, KeyError, IndexError, ValueError, EOFError) as bad:
        raise BundleUnusable("zip.unreadable", what=what) from bad


def rows_of(book: ZipFile, name: str, path: str, strings: Sequence[str] = ()) -> Iterator[SheetRow]:
    """The rows of one sheet, the part *path* of *book*."""
    for number, cells in _rows(book, path, strings):
        yield SheetRow(name, number, cells)


def _texts(pieces: Iterable[bytes]) -> Iterator[str]:
    """Lines with their ends, as ``csv`` wants them; the mark of UTF-8 taken off."""
    rest, first = b"", True
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield (line + b"\n").decode("utf-8-sig" if first else "utf-8")
            first = False
    if rest:
        yield rest.decode("utf-8-sig" if first else "utf-8")


def _events(book: ZipFile, path: str, tag: str) -> Iterator[Element]:
    """Every finished *tag* of a part. No document type: nothing can be defined to swell."""
    parser: Any = XMLPullParser(["start", "end"])
    wanted, depth = {_MAIN + tag, _STRICT + tag}, list[Element]()
    last = b""
    with book.open(path) as part:
        while chunk := part.read(_CHUNK):
            if b"<!" in last + chunk:
                raise ValueError("a document type in a workbook")
            last = chunk[-1:]
            parser.feed(chunk)
            for event, element in parser.read_events():
                if event == "start":
                    depth.append(element)
                    continue
                depth.pop()
                if element.tag in wanted:
                    yield element
                    element.clear()
                    # Also out of its parent, or a long sheet would be kept whole.
                    if depth:
                        depth[-1].remove(element)
    parser.close()


def _shared(book: ZipFile) -> Iterator[str]:
    if "xl/sharedStrings.xml" in book.namelist():
        for element in _events(book, "xl/sharedStrings.xml", "si"):
            yield _text(element)


def sheets_of(book: ZipFile) -> Iterator[tuple[str, str]]:
    """Names and parts of the sheets, in the order of the book."""
    targets = {}
    for element in _tree(book, "xl/_rels/workbook.xml.rels").iter():
        if "Target" in element.attrib:
            target = element.attrib["Target"]
            targets[element.attrib["Id"]] = (
                target.lstrip("/") if target[0] == "/" else f"xl/{target}"
            )
    for element in _tree(book, "xl/workbook.xml").iter():
        if element.tag in {_MAIN + "sheet", _STRICT + "sheet"}:
            key = next(v for k, v in element.attrib.items() if _RELATION.fullmatch(k))
            yield element.attrib["name"], targets[key]


def _tree(book: ZipFile, path: str) -> Element:
    raw = book.read(path)
    if b"<!" in raw:
        raise ValueError("a document type in a workbook")
    return fromstring(raw)  # noqa: S314 -- without a document type there is nothing to swell


def _rows(book: ZipFile, path: str, strings: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for element in _events(book, path, "row"):
        number = int(element.attrib.get("r", number + 1))
        cells: list[str] = []
        for cell in element:
            if not cell.tag.endswith("}c"):
                continue
            column = _column(cell.attrib.get("r", ""), len(cells))
            cells += [""] * (column - len(cells))
            cells.append(_value(cell, strings))
        yield number, cells


def _column(reference: str, following: int) -> int:
    if not (found := _CELL.fullmatch(reference)):
        return following
    number = _number_of(found[1])
    if number - 1 < following:
        raise ValueError("cells out of order")
    return number - 1


@lru_cache(maxsize=1_024)
def _number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _value(cell: Element, strings: Sequence[str]) -> str:
    # As our own workbook has them, and most others: one string or one number.
    if len(cell) == 1:
        only, kind = cell[0], cell.attrib.get("t", "n")
        if kind == "n" and only.tag == _MAIN + "v":
            return only.text or ""
        bare = kind == "inlineStr" and only.tag == _MAIN + "is" and len(only) == 1
        if bare and only[0].tag == _MAIN + "t":
            return _escaped(only[0].text or "")
    parts = {child.tag.partition("}")[2]: child for child in cell}
    if "f" in parts:
        return Formula("=" + (parts["f"].text or ""))
    kind, shown = cell.attrib.get("t", "n"), parts.get("v")
    if kind == "inlineStr":
        return _text(parts["is"]) if "is" in parts else ""
    text = (shown.text or "") if shown is not None else ""
    if kind == "s":
        return strings[int(text)]
    if kind == "b":
        return {"1": "true", "0": "false"}.get(text, text)
    return text


def _text(element: Element) -> str:
    """All runs of a rich text, without how it is read aloud."""
    found = []
    for child in element:
        name = child.tag.partition("}")[2]
        if name == "t":
            found.append(child.text or "")
        elif name == "r":
            found += [run.text or "" for run in child if run.tag.endswith("}t")]
    return _escaped("".join(found))


def _escaped(text: str) -> str:
    """``_x000D_`` is how a workbook writes a character that XML cannot."""
    if "_x" not in text:
        return text
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
