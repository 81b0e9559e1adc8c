"""How an attacker changes a bundle or the history behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attest.log.leaf import Leaf, canonical, leaf_hash, parse_canonical
from attest.log.tiles import bundle as framed
from attest.log.tiles import unbundle

from .town import (
    Town,
    members,
    resealed,
)

Change = Callable[[bytes], bytes]


def changed(raw: bytes, name: str, change: Change) -> bytes:
    """One file exchanged; manifests and signature made anew by the thief of the export key."""
    files = members(raw)
    return resealed(files | {name: change(files[name])})


def jsonl(raw: bytes, number: int, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """One line of the truth rewritten; None takes it away."""

    def rewrite(text: bytes) -> bytes:
        lines = text.splitlines()
        said = change(parse_canonical(lines[number]))
        lines[number : number + 1] = [canonical(said)] if said else []
        return b"".join(line + b"\n" for line in lines)

    return changed(raw, "data/leaves.jsonl", rewrite)


def entries(raw: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return changed(raw, "proof/entries.bin", lambda old: framed(change(list(unbundle(old)))))


def rewritten(town: Town, index: int, old: bytes, new: bytes) -> None:
    """History changed in the database, the tree rebuilt over it."""
    leaf = town.leaves[index]
    entry = leaf.entry.replace(old, new)
    assert entry != leaf.entry
    town.leaves[index] = Leaf(entry, leaf_hash(entry), leaf.openings)


def look(town: Town) -> int:
    return next(n for n, leaf in enumerate(town.leaves) if b'"access"' in leaf.entry)


def touch(town: Town) -> int:
    return next(n for n, leaf in enumerate(town.leaves) if b'"checkin"' in leaf.entry)


def settlement(town: Town) -> int:
    return next(n for n, leaf in enumerate(town.leaves) if b'"settlement"' in leaf.entry)
