"""Puts a bundle together: the same content twice gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import IO, Any, Final

from attest.log.leaf import canonical
from attest.log.strict64 import encode64

from . import bag, words, workbook
from .cells import BOM, Cell, csv_line
from .columns import LEAF_COLUMNS, LEAF_NAMES, LINE_COLUMNS, LINE_NAMES, Settled
from .content import Content, Counts, Written
from .packing import Packed, Packer, archive_of, joined, packed, unpacked
from .parquet import MAGIC, footer_of
from .parts import (
    CSV,
    ENTRIES,
    JSONL,
    PARQUET,
    SHEET,
    Desk,
    Part,
    Shelf,
    added,
    lay_parts,
    names_of,
    part_of,
    parts_laid,
    pieces_of,
)
from .rows import settlements, split, unframed
from .workbook import LEAVES, LINES, book_of, row_of, sheets_of

LEAVES_JSONL, LEAVES_CSV, LEAVES_XLSX, LINES_CSV = (
    *("data/leaves.jsonl", "data/leaves.csv", "data/leaves.xlsx"),
    "data/lines.csv",
)
LEAVES_PARQUET: Final = "data/leaves.parquet"
ENTRIES_BIN: Final = "proof/entries.bin"
LINE_CSV, LINE_SHEET = "lines-csv", "lines-sheet"


@dataclass(frozen=True, slots=True)
class Laid:
    """A bundle whose every byte is settled; *chunks* gives them, first to last, nothing anew."""

    written: Written
    members: Sequence[tuple[str, Packed]]

    def chunks(self) -> Iterator[bytes]:
        return archive_of(self.members)


def lay(content: Content, *, shelf: Shelf) -> Laid:
    """Make what is not on the *shelf* yet, and put it all together."""
    first = content.request.start + parts_laid(shelf) * workbook.PART
    count = lay_parts(shelf, content.leaves(first), parquet=content.parquet)
    parts = [part_of(shelf, number) for number in range(count)]
    counts = added(parts)
    lines = _Lines(shelf, parts, start=content.request.start)
    counts.total = lines.total
    files = _views(shelf, parts, lines, content, counts)
    files |= {name: packed(raw) for name, raw in _small_files(content, counts).items()}
    digests = {name: one.sha256 for name, one in files.items()}
    payload = {name: digests.pop(name) for name in sorted(digests) if name.startswith("data/")}
    sizes = [files[name].size for name in payload]
    nonce, day = content.request.nonce, content.request.requested_at[:10]
    late = {
        "bag-info.txt": packed(bag.bag_info(day=day, nonce=nonce, sizes=sizes)),
        bag.MANIFEST: packed(bag.manifest(payload)),
    }
    digests |= {name: one.sha256 for name, one in late.items()}
    tagged = bag.manifest(digests)
    manifest = sha256(tagged)
    both = {bag.MANIFEST: digests[bag.MANIFEST], bag.TAGMANIFEST: manifest.hexdigest()}
    signed = bag.envelope(content.request.said(), both, content.signer)
    files |= late | {bag.TAGMANIFEST: packed(tagged), bag.DSSE: packed(signed)}
    members = [(f"{content.name}/{name}", files[name]) for name in sorted(files, key=str.encode)]
    return Laid(Written(content.name, manifest.digest(), counts), members)


def write(out: IO[bytes], content: Content) -> Written:
    """All of it into *out*, in one go and in memory: for what is small."""
    laid = lay(content, shelf=Desk())
    out.writelines(laid.chunks())
    return laid.written


def _views(
    shelf: Shelf, parts: Sequence[Part], lines: _Lines, content: Content, counts: Counts
) -> dict[str, Packed]:
    every = range(len(parts))
    pieces = partial(pieces_of, shelf)

    def headed(view: str, numbers: Iterable[int], head: bytes, foot: bytes = b"") -> Packed:
        def all_of_it() -> Iterator[bytes]:
            yield _piece(head)
            yield from pieces(view, numbers)
            yield _piece(foot)

        return joined(all_of_it)

    book = book_of(
        sheets_of(
            LEAVES, LEAF_COLUMNS, [part.counts.rows for part in parts], partial(pieces, SHEET)
        ),
        sheets_of(LINES, LINE_COLUMNS, lines.counts, partial(pieces, LINE_SHEET)),
        guide=words.guide(content, counts),
        check=words.check(content),
    )
    found = {
        LEAVES_JSONL: joined(partial(pieces, JSONL, every)),
        ENTRIES_BIN: joined(partial(pieces, ENTRIES, every)),
        LEAVES_CSV: headed(CSV, every, BOM + csv_line(LEAF_NAMES)),
        LINES_CSV: headed(LINE_CSV, range(len(lines.counts)), BOM + csv_line(LINE_NAMES)),
        LEAVES_XLSX: book,
    }
    if content.parquet:
        groups = [group for part in parts for group in part.groups]
        footer = footer_of(LEAF_COLUMNS, groups)
        found[LEAVES_PARQUET] = headed(PARQUET, every, MAGIC, footer)
    return found


class _Lines:
    """The lines of settlements: only once all leaves were seen is it known which were voided.

    They are laid aside in runs of as many rows as a part has leaves.
    """

    def __init__(self, shelf: Shelf, parts: Sequence[Part], *, start: int) -> None:
        self._shelf, self._settled = shelf, Settled()
        self._csv, self._sheet, self._at = Packer(), Packer(), 0
        self.counts, self.total = list[int](), 0
        self._settled.voided = {one for part in parts for one in part.voided}
        for part in parts:
            self._read(part, start + part.number * workbook.PART)
        if self._at or not self.counts:
            self._keep()

    def _read(self, part: Part, first: int) -> None:
        for trip, name, dept in names_of(self._shelf, part.number):
            self._settled.names.put(trip, name, dept)
        views = (pieces_of(self._shelf, view, [part.number]) for view in (ENTRIES, JSONL))
        entries, jsonl = map(unpacked, views)
        for row in settlements(first, unframed(entries), split(jsonl)):
            for cells in self._settled.lines(row):
                self._put(cells)
            if not self._settled.is_void(row):
                self.total += int(row.open["biz"]["total"])

    def _put(self, cells: Sequence[Cell]) -> None:
        self._csv.write(csv_line(cells))
        self._sheet.write(row_of(len(self.counts), self._at, cells))
        self._at += 1
        if self._at == workbook.PART:
            self._keep()

    def _keep(self) -> None:
        number = len(self.counts)
        self._shelf.keep(f"{number}.{LINE_CSV}", self._csv.close())
        self._shelf.keep(f"{number}.{LINE_SHEET}", self._sheet.close())
        self.counts.append(self._at)
        self._csv, self._sheet, self._at = Packer(), Packer(), 0


def _piece(raw: bytes) -> bytes:
    packer = Packer()
    packer.write(raw)
    return packer.close()


def _small_files(content: Content, counts: Counts) -> dict[str, bytes]:
    found = {
        "README.ko.txt": words.readme_ko(content, counts).encode(),
        "README.en.txt": words.readme_en(content, counts).encode(),
        "report.html": words.report(content, counts).encode(),
        "request.json": canonical(content.request.said()),
        "bagit.txt": bag.BAGIT,
        "datapackage.json": _data_package(content),
        "proof/checkpoint": content.checkpoint.encode(),
        "proof/range.json": _range(content),
        "proof/support.jsonl": _support(content),
    }
    if content.since:
        found["proof/checkpoint.since"] = content.since.note.encode()
        hashes = map(encode64, content.since.consistency)
        found["proof/consistency"] = "".join(f"{one}\n" for one in hashes).encode()
    found |= {f"proof/anchors/{name}": raw for name, raw in content.anchors.items()}
    found |= {f"rules/{name}": raw for name, raw in content.rules.items()}
    for role, keys in content.keys.items():
        found[f"keys/{role}"] = "".join(f"{key.vkey}\n" for key in keys).encode()
    return found


def _range(content: Content) -> bytes:
    said = {
        "from": content.request.start,
        "left": [encode64(one) for one in content.left],
        "right": [encode64(one) for one in content.right],
        "size": content.size,
        "to": content.request.stop,
    }
    return canonical(said)


def _support(content: Content) -> bytes:
    lines = [
        canonical(
            {
                "entry": one.entry.decode(),
                "leaf": one.index,
                "proof": [encode64(each) for each in one.proof],
            }
        )
        for one in sorted(content.support, key=lambda one: one.index)
    ]
    return b"".join(line + b"\n" for line in lines)


def _data_package(content: Content) -> bytes:
    """Frictionless: every column with its type and its Korean title."""
    said = {
        "profile": "tabular-data-package",
        "name": content.name.lower(),
        "title": "원터치 출장증빙 감사 묶음",
        "resources": [
            _resource("leaves", LEAVES_CSV, LEAF_COLUMNS),
            _resource("lines", LINES_CSV, LINE_COLUMNS),
        ],
    }
    return (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _resource(name: str, path: str, columns: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    fields = [{"name": one, "title": korean, "type": kind} for one, korean, kind in columns]
    return {
        "name": name,
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
        "schema": {"fields": fields, "missingValues": [""]},
    }
