"""Sheets of ours put into somebody else's .xlsx: behind theirs, and the first of ours in front.

Their parts stay as they are, but for the list of sheets, the list of parts, the table of styles,
which grows at its end, and which sheet is shown when the book is opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any, Final
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from accounts.workbooks.parts import BOOK, LINKS, Attributes, Copy, parse, plain

_TYPES, _STYLES = "[Content_Types].xml", "xl/styles.xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEET_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_STYLED = re.compile(rb'(<c r="[A-Z]+[0-9]+") s="([0-9]+)"')
_SHARED = "xl/sharedStrings.xml"
_TEXT = re.compile(rb"<si>(.*?)</si>", re.DOTALL)
_SHARES = re.compile(rb' t="s"><v>([0-9]+)</v>')
_CHOSEN = re.compile(rb'(<(?:\w+:)?sheetView\b[^>]*?) tabSelected="(?:1|true)"')
_GROWS: Final = ("numFmts", "fonts", "fills", "borders", "cellXfs")
_SHIFTED: Final = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
# Numbers of formats below this are everybody's.
_OWN_FORMATS = 164


def with_extracts(book: bytes, ours: bytes) -> bytes:
    """*book* with the sheets of *ours*, a small workbook written by us."""
    out = BytesIO()
    with (
        ZipFile(BytesIO(book)) as theirs,
        ZipFile(BytesIO(ours)) as made,
        ZipFile(out, "w", ZIP_DEFLATED) as both,
    ):
        _put_together(theirs, made, both)
    return out.getvalue()


def _put_together(theirs: ZipFile, made: ZipFile, both: ZipFile) -> None:
    old, new = _Styles.of(theirs), _Styles.of(made)
    names, known = _names(theirs), set(theirs.namelist())
    added, texts = [], _texts(made)
    for number, name in enumerate(_names(made), start=1):
        path = next(
            path for n in range(1, 10_000) if (path := f"xl/worksheets/extract{n}.xml") not in known
        )
        known.add(path)
        added.append((_free(name, names), path))
        names.append(added[-1][0])
        sheet = made.read(f"xl/worksheets/sheet{number}.xml")
        first = old.counts["cellXfs"]
        both.writestr(path, _restyled(_with_texts(sheet, texts), first), ZIP_DEFLATED)
    changes: dict[str, Any] = {
        BOOK: lambda part: _Book(part, added, len(names) - len(added)),
        LINKS: lambda part: _Links(part, added),
        _TYPES: lambda part: _Types(part, added),
        _STYLES: lambda part: _Grown(part, old, new),
    }
    for member in theirs.infolist():
        if copy := changes.get(member.filename):
            with theirs.open(member) as part, both.open(member.filename, "w") as room:
                copy(room).run(part)
            continue
        content = theirs.read(member)
        if member.filename.startswith("xl/worksheets/"):
            # Two sheets chosen at once would be written into at once.
            content = _CHOSEN.sub(rb"\1", content, count=1)
        both.writestr(member, content, ZIP_DEFLATED)


def _texts(made: ZipFile) -> list[bytes]:
    """The texts cells of ours share, each as it stands in its element."""
    return _TEXT.findall(made.read(_SHARED)) if _SHARED in made.namelist() else []


def _with_texts(sheet: bytes, texts: Sequence[bytes]) -> bytes:
    """Cells with their texts in them: the other book has a list of its own."""
    return _SHARES.sub(lambda found: b' t="inlineStr"><is>%s</is>' % texts[int(found[1])], sheet)


def _restyled(sheet: bytes, first: int) -> bytes:
    """Cells by the numbers their styles have behind those of the other book."""
    return _STYLED.sub(lambda found: b'%s s="%d"' % (found[1], first + int(found[2])), sheet)


def _names(book: ZipFile) -> list[str]:
    names: list[str] = []

    def begun(name: str, said: Attributes) -> None:
        if plain(name) == "sheet":
            names.append(said.get("name", ""))

    with book.open(BOOK) as part:
        parse(part, begun)
    return names


def _free(name: str, taken: Sequence[str]) -> str:
    """A name no sheet of theirs has: an export that came back once more keeps its own."""
    known = {one.casefold() for one in taken}
    names = [name, *(f"{name} ({n})" for n in range(2, 10_000))]
    return next(one for one in names if one.casefold() not in known)


@dataclass(slots=True)
class _Styles:
    """How many there are of each kind, and the elements that are to be taken over, in order."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_GROWS, 0))
    bodies: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _GROWS})
    highest: int = _OWN_FORMATS

    @classmethod
    def of(cls, book: ZipFile) -> _Styles:
        found = cls()
        reader = _Reader(found)
        with book.open(_STYLES) as part:
            reader.run(part)
        return found


class _Reader(Copy):
    """The children of the tables of styles, each as text."""

    def __init__(self, styles: _Styles) -> None:
        super().__init__(BytesIO())
        self._styles, self._inside, self._depth, self._text = styles, "", 0, ""

    def begin(self, name: str, said: Attributes) -> None:
        if self._inside:
            if self._depth == 0:
                self._text = ""
                self._styles.counts[self._inside] += 1
                if self._inside == "numFmts":
                    number = int(said.get("numFmtId", "0")) + 1
                    self._styles.highest = max(self._styles.highest, number)
            self._depth += 1
            told = "".join(f" {key}={quoteattr(value)}" for key, value in said.items())
            self._text += f"<{plain(name)}{told}>"
        elif plain(name) in _GROWS:
            self._inside = plain(name)

    def end(self, name: str) -> None:
        if not self._inside:
            return
        if self._depth == 0:
            self._inside = ""
            return
        self._text += f"</{plain(name)}>"
        self._depth -= 1
        if self._depth == 0:
            self._styles.bodies[self._inside].append(self._text)

    def text(self, said: str) -> None:
        del said


class _Behind(Copy):
    """Copies a part, and puts *more* before the end of an element."""

    def __init__(self, out: IO[bytes], more: dict[str, str]) -> None:
        super().__init__(out)
        self._more = more

    def end(self, name: str) -> None:
        if more := self._more.pop(plain(name), ""):
            prefix = name.removesuffix(plain(name))
            self.raw(re.sub(r"<(/?)(\w)", rf"<\1{prefix}\2", more))
        super().end(name)


class _Grown(_Behind):
    def __init__(self, out: IO[bytes], old: _Styles, new: _Styles) -> None:
        more = {name: "".join(new.bodies[name]) for name in ("fonts", "fills", "borders")}
        shift = old.highest - _OWN_FORMATS
        formats = [_format_shifted(body, shift) for body in new.bodies["numFmts"]]
        more["numFmts"] = "".join(formats)
        cells = [_shifted(_format_shifted(body, shift), old) for body in new.bodies["cellXfs"]]
        more["cellXfs"] = "".join(cells)
        super().__init__(out, more)
        self._grown = {name: old.counts[name] + new.counts[name] for name in _GROWS}
        self._formats = more.pop("numFmts") if not old.counts["numFmts"] else ""

    def begin(self, name: str, said: Attributes) -> None:
        kind = plain(name)
        if kind == "fonts" and self._formats:
            # The table of formats stands before that of fonts; theirs had none.
            prefix = name.removesuffix(kind)
            inner = re.sub(r"<(/?)(\w)", rf"<\1{prefix}\2", self._formats)
            self.raw(f"<{prefix}numFmts>{inner}</{prefix}numFmts>")
        if kind in self._grown and "count" in said:
            said = said | {"count": str(self._grown[kind])}
        super().begin(name, said)


def _shifted(body: str, old: _Styles) -> str:
    for name, table in _SHIFTED.items():
        found = re.search(rf'\b{name}="(\d+)"', body)
        if found:
            number = int(found[1]) + old.counts[table]
            body = body.replace(found[0], f'{name}="{number}"')
    return re.sub(r'\bxfId="\d+"', 'xfId="0"', body)


def _format_shifted(body: str, by: int) -> str:
    def moved(found: re.Match[str]) -> str:
        number = int(found[1])
        return f'numFmtId="{number + by if number >= _OWN_FORMATS else number}"'

    return re.sub(r'\bnumFmtId="(\d+)"', moved, body)


class _Book(Copy):
    """The list of sheets with ours behind, and the first of ours in front when it is opened."""

    def __init__(self, out: IO[bytes], added: Sequence[tuple[str, str]], shown: int) -> None:
        super().__init__(out)
        self._added, self._shown = added, shown
        self._id, self._highest = "r:id", 0

    def begin(self, name: str, said: Attributes) -> None:
        if plain(name) == "workbookView":
            said = {key: value for key, value in said.items() if key != "firstSheet"}
            said |= {"activeTab": str(self._shown)}
        if plain(name) == "sheet":
            self._highest = max(self._highest, int(said.get("sheetId", "0")))
            self._id = next((key for key in said if plain(key) == "id" and ":" in key), self._id)
        super().begin(name, said)

    def end(self, name: str) -> None:
        if plain(name) == "sheets":
            for n, (title, path) in enumerate(self._added, start=1):
                sheet = name.removesuffix("s")
                self.raw(
                    f'<{sheet} name={quoteattr(title)} sheetId="{self._highest + n}"'
                    f' {self._id}="{_id_of(path)}"/>'
                )
        super().end(name)


def _id_of(path: str) -> str:
    """Our parts have names of their own, so their links have too."""
    return "rId" + path.rpartition("/")[2].removesuffix(".xml").title()


class _Links(_Behind):
    def __init__(self, out: IO[bytes], added: Sequence[tuple[str, str]]) -> None:
        links = "".join(
            f'<Relationship Id="{_id_of(path)}" Type="{_SHEET_LINK}" Target="/{path}"/>'
            for _, path in added
        )
        super().__init__(out, {"Relationships": links})


class _Types(_Behind):
    def __init__(self, out: IO[bytes], added: Sequence[tuple[str, str]]) -> None:
        types = "".join(
            f'<Override PartName="/{path}" ContentType="{_SHEET_TYPE}"/>' for _, path in added
        )
        super().__init__(out, {"Types": types})
