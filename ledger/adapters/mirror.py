"""A folder that holds what ``/log/`` served: entry bundles by their C2SP names, and receipts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attest.errors import LogInconsistent, ProofRefused
from attest.log.tiles import WIDTH, tile_path, unbundle

_PART = re.compile(r"[1-9][0-9]{0,2}")


def mirrored_entries(folder: Path, *, start: int, stop: int) -> Iterator[bytes]:
    """Entries [*start*, *stop*), each tile from the longest file there is of it."""
    for index in range(start // WIDTH, -(-stop // WIDTH)):
        first = index * WIDTH
        held = _longest(folder, index)
        yield from held[max(0, start - first) : stop - first]


def mirrored_receipts(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every file in *folder*."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


def _longest(folder: Path, index: int) -> list[bytes]:
    whole = folder / tile_path("entries", index)
    parts = whole.with_name(whole.name + ".p")
    widths = [int(p.name) for p in parts.glob("*") if _PART.fullmatch(p.name)]
    if not whole.is_file() and not widths:
        return []
    path = whole if whole.is_file() else parts / str(max(widths))
    try:
        return list(unbundle(path.read_bytes()))
    except ProofRefused as wrong:
        raise LogInconsistent(f"{path.name}: not an entry bundle") from wrong
