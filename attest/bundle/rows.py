"""The truth of a bundle as it comes in: framed entries and lines of JSON, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from attest.errors import BundleUnusable, LeafMalformed, ProofRefused
from attest.log.leaf import leaf_hash, parse_canonical, read_leaf
from attest.log.tiles import ENTRY_BYTES

from .columns import Row

LONGEST_LINE: Final = 16 << 20


def unframed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The entries of an entry bundle of any length; ``ProofRefused`` where one breaks off."""
    rest = b""
    for piece in pieces:
        rest += piece
        at = 0
        while len(rest) >= at + 2:
            length = int.from_bytes(rest[at : at + 2], "big")
            if length > ENTRY_BYTES:
                raise ProofRefused("shape")
            if len(rest) < at + 2 + length:
                break
            yield rest[at + 2 : at + 2 + length]
            at += 2 + length
        rest = rest[at:]
    if rest:
        raise ProofRefused("shape")


def split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their newlines; a last one that does not end in one is a line too."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > LONGEST_LINE:
            raise BundleUnusable("zip.too_large")
    if rest:
        yield rest


def settlements(start: int, entries: Iterable[bytes], jsonl: Iterable[bytes]) -> Iterator[Row]:
    """The open ones among the leaves from *start* on, once all was read before."""
    for index, (entry, line) in enumerate(zip(entries, jsonl, strict=False), start):
        if b'"lines":' not in line or b'"t":"settlement"' not in entry:
            continue
        try:
            said, leaf = parse_canonical(line), read_leaf(entry)
            values = {group: one["value"] for group, one in said["open"].items()}
            row = Row(index, leaf, leaf_hash(entry), values, said["shut"])
        except (LeafMalformed, KeyError, TypeError, AttributeError):
            # Said when it was read the first time.
            continue
        if isinstance(row.open.get("biz"), dict):
            yield row
