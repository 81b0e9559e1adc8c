"""Gather the words of the product, room by room: `.venv/bin/python scripts/messages.py`.

It reads every message id from Python and from the templates, writes them into
locale/<room>/ko/LC_MESSAGES/django.po with the Korean that is there already, drops what
nobody says any more, and compiles the .mo files, which are committed. `--check` writes
nothing and says what is wrong. Django lays all catalogs over each other, so one English
text has one Korean text everywhere; where two are meant, each gets a context.

Script finds its words in data attributes of the templates; static/js holds none.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("accounts", "audit", "config", "ledger", "settlement", "trips", "vault")
# Who owns a folder of templates that is not named as its room is.
OWNERS = {"account": "accounts", "mfa": "accounts", "pages": "config", "parts": "design"}
# Where the arguments of a call stand: context, singular, plural.
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "pgettext": (0, 1, None),
    "ngettext": (None, 0, 1),
    "npgettext": (0, 1, 2),
}
CALLS |= {f"{name}_lazy": places for name, places in CALLS.items()}
CALLS |= {"_": CALLS["gettext"], "gettext_noop": CALLS["gettext"]}
OPENING = re.compile(r"\b(?:_|n?p?gettext)\(")
METADATA = {
    "Project-Id-Version": "TripSeal",
    "Language": "ko",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


@dataclass
class Message:
    context: str | None
    text: str
    plural: str | None = None
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.text


def catalog(room: str) -> Path:
    return ROOT / "locale" / room / "ko/LC_MESSAGES/django.po"


def calls(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if name not in CALLS:
            continue
        context, text, plural = (
            None if place is None else ast.literal_eval(node.args[place]) for place in CALLS[name]
        )
        if not isinstance(text, str):
            raise TypeError(f"line {node.lineno}: {ast.unparse(node)}")
        yield Message(context, text, plural)


def in_python(path: Path) -> Iterator[Message]:
    yield from calls(ast.parse(path.read_text(encoding="utf-8")))


def in_template(path: Path) -> Iterator[Message]:
    """What Django's own reader finds; it leaves calls between rows of X."""
    code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for opening in OPENING.finditer(code):
        for closing in re.finditer(r"\)", code[opening.start() :]):
            try:
                tree = ast.parse(code[opening.start() :][: closing.end()], mode="eval")
            except SyntaxError:
                continue
            yield from calls(tree)
            break


def sources(room: str) -> Iterator[tuple[Path, Iterator[Message]]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, in_python(path)
    for path in sorted((ROOT / "templates").rglob("*.*")):
        folder = path.relative_to(ROOT / "templates").parts[0]
        owner = "design" if folder == path.name else OWNERS.get(folder, folder)
        if owner == room:
            yield path, in_template(path)


def gather(room: str) -> dict[tuple[str | None, str], Message]:
    said: dict[tuple[str | None, str], Message] = {}
    for path, messages in sources(room):
        name = str(path.relative_to(ROOT))
        for message in messages:
            first = said.setdefault(message.key, message)
            first.plural = first.plural or message.plural
            if name not in first.files:
                first.files.append(name)
    return said


def known(room: str) -> dict[tuple[str | None, str], polib.POEntry]:
    """What has been translated; what a room has not yet, another may have said before."""
    paths = sorted((ROOT / "locale").glob("*/ko/LC_MESSAGES/django.po"))
    paths.sort(key=lambda path: path == catalog(room))
    entries = (entry for path in paths for entry in polib.pofile(path) if korean(entry))
    return {(entry.msgctxt, entry.msgid): entry for entry in entries}


def written(room: str) -> polib.POFile:
    """The room's catalog as it should stand: its words now, with the Korean there is."""
    before = known(room)
    book = polib.POFile(wrapwidth=100)
    book.metadata = METADATA
    for key, message in gather(room).items():
        entry = polib.POEntry(
            msgctxt=message.context,
            msgid=message.text,
            occurrences=[(name, "") for name in message.files],
        )
        old = before.get(key)
        if message.plural is not None:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {0: old.msgstr_plural.get(0, old.msgstr) if old else ""}
        elif old:
            entry.msgstr = old.msgstr or old.msgstr_plural.get(0, "")
        if old:
            entry.tcomment = old.tcomment
        book.append(entry)
    return book


def korean(entry: polib.POEntry) -> str:
    return str(entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr)


def rooms() -> dict[str, polib.POFile]:
    books = {room: written(room) for room in (*ROOMS, "design")}
    return {room: book for room, book in books.items() if book}


def troubles() -> Iterator[str]:
    first: dict[tuple[str | None, str], tuple[str, str]] = {}
    books = rooms()
    for room, book in books.items():
        path = catalog(room)
        if not path.exists() or path.read_text(encoding="utf-8") != str(book):
            yield f"{room}: the .po is not what the code says; run scripts/messages.py"
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != book.to_binary():
            yield f"{room}: the .mo is not made from the .po; run scripts/messages.py"
        yield from (
            f"{room}: fuzzy: {entry.msgid}"
            for entry in (polib.pofile(path) if path.exists() else ())
            if entry.fuzzy
        )
        for entry in book:
            said = korean(entry)
            if not said:
                yield f"{room}: not translated: {entry.msgid}"
            other, theirs = first.setdefault((entry.msgctxt, entry.msgid), (room, said))
            if said != theirs:
                yield f"{entry.msgid!r} is {theirs!r} in {other} and {said!r} in {room}"
    for folder in (ROOT / "locale").iterdir():
        if folder.name not in books:
            yield f"{folder.name}: nobody says these words any more"


def write() -> None:
    for room, book in rooms().items():
        path = catalog(room)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(book), encoding="utf-8")
        path.with_suffix(".mo").write_bytes(book.to_binary())
        open_ = sum(not korean(entry) for entry in book)
        print(f"{room}: {len(book)} messages, {open_} without Korean")


def main() -> int:
    if not settings.configured:
        settings.configure(USE_I18N=True)
    if sys.argv[1:] == ["--check"]:
        found = list(troubles())
        print(*found or ["Every word is there in both languages."], sep="\n")
        return 1 if found else 0
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
