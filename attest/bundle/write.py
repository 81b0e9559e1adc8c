"""Writes a bundle: the same content twice gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from hashlib import sha256
from typing import IO, Any, Final

from attest.log.leaf import canonical
from attest.log.strict64 import encode64
from attest.log.tiles import frame

from . import bag, words
from .archive import Hashed, pieces, write_archive
from .cells import BOM, csv_line
from .columns import LEAF_COLUMNS, LEAF_NAMES, LINE_COLUMNS, LINE_NAMES, Settled, leaf_cells
from .content import Content, Counts, Scratch, Written
from .parquet import Parquet
from .rows import settlements, split, unframed
from .workbook import Workbook

JSONL, LEAVES_CSV, LEAVES_XLSX, LINES_CSV = (
    *("data/leaves.jsonl", "data/leaves.csv", "data/leaves.xlsx"),
    "data/lines.csv",
)
LEAVES_PARQUET: Final = "data/leaves.parquet"
ENTRIES: Final = "proof/entries.bin"


def write(out: IO[bytes], content: Content, *, scratch: Scratch) -> Written:
    """The archive into *out*, which can seek; *scratch* hands out files that vanish."""
    with ExitStack() as open_files:
        views = {
            name: Hashed(open_files.enter_context(scratch()))
            for name in (JSONL, LEAVES_CSV, LEAVES_XLSX, LINES_CSV, ENTRIES)
        }
        if content.parquet:
            views[LEAVES_PARQUET] = Hashed(open_files.enter_context(scratch()))
        with scratch() as sheets:
            counts = _write_views(views, content, sheets)
            sheets.seek(0)
            for chunk in pieces(sheets):
                views[LEAVES_XLSX].write(chunk)
        small = _small_files(content, counts)
        digests = {name: view.digest for name, view in views.items()}
        digests |= {name: sha256(raw).hexdigest() for name, raw in small.items()}
        payload = {name: digests.pop(name) for name in sorted(digests) if name.startswith("data/")}
        sizes = [views[name].size for name in payload]
        nonce, day = content.request.nonce, content.request.requested_at[:10]
        late = {
            "bag-info.txt": bag.bag_info(day=day, nonce=nonce, sizes=sizes),
            bag.MANIFEST: bag.manifest(payload),
        }
        digests |= {name: sha256(raw).hexdigest() for name, raw in late.items()}
        tagged = bag.manifest(digests)
        both = {
            bag.MANIFEST: digests[bag.MANIFEST],
            bag.TAGMANIFEST: sha256(tagged).hexdigest(),
        }
        signed = bag.envelope(content.request.said(), both, content.signer)
        plain = small | late | {bag.TAGMANIFEST: tagged, bag.DSSE: signed}
        members: dict[str, Iterable[bytes]] = {name: [raw] for name, raw in plain.items()}
        members |= {name: view.again() for name, view in views.items()}
        write_archive(out, content.name, members.items())
    return Written(content.name, sha256(tagged).digest(), counts)


def _write_views(views: Mapping[str, Hashed], content: Content, sheets: IO[bytes]) -> Counts:
    book = Workbook(sheets)
    try:
        return _write_rows(views, content, book)
    except BaseException:
        book.abandon()
        raise


def _write_rows(views: Mapping[str, Hashed], content: Content, book: Workbook) -> Counts:
    counts, settled, table = Counts(), Settled(), Parquet(LEAF_COLUMNS)
    columns = [views[LEAVES_PARQUET]] if content.parquet else []
    views[LEAVES_CSV].write(BOM + csv_line(LEAF_NAMES))
    for leaf in content.leaves:
        row = leaf.row()
        counts.see(row)
        settled.see(row)
        cells = leaf_cells(row)
        views[JSONL].write(leaf.line())
        views[ENTRIES].write(frame(leaf.entry))
        views[LEAVES_CSV].write(csv_line(cells))
        book.leaf(cells)
        for view in columns:
            view.write(table.row(cells))
    for view in columns:
        view.write(table.close())
    views[LINES_CSV].write(BOM + csv_line(LINE_NAMES))
    # Only now is it known which settlement was taken back.
    entries, jsonl = unframed(views[ENTRIES].again()), split(views[JSONL].again())
    for row in settlements(content.request.start, entries, jsonl):
        for cells in settled.lines(row):
            views[LINES_CSV].write(csv_line(cells))
            book.line(cells)
        counts.total += 0 if settled.is_void(row) else int(row.open["biz"]["total"])
    book.close(guide=words.guide(content, counts), check=words.check(content))
    return counts


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
