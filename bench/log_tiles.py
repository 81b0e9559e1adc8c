"""T1: leaves hashed and laid into tiles, against the bare hashes that any builder must pay.

limit    one leaf hash and one node hash a leaf, by hashlib and nothing else
subject  ``leaf_hash`` and ``extend``, 256 leaves at a time, as the sequencer grows the tree
"""

from __future__ import annotations

import sys
from hashlib import sha256
from time import process_time

from attest.log.leaf import leaf_hash
from attest.log.tiles import WIDTH, extend
from bench.report import machine, tell

LEAVES, ROUNDS, LIMIT = 1_000_000, 5, 0.70
ENTRY = b'{"at":"2026-11-23T01:17:53.123456Z","t":"heartbeat","v":1}'.ljust(368, b" ")


def bare(count: int = LEAVES) -> float:
    """Seconds of this process for *count* times a leaf and a node hash."""
    entry, node = b"\x00" + ENTRY, b"\x01" + bytes(64)
    start = process_time()
    for _ in range(count):
        sha256(entry).digest()
        sha256(node).digest()
    return process_time() - start


def grown(count: int = LEAVES) -> float:
    edge: dict[int, tuple[int, bytes]] = {}
    start = process_time()
    for first in range(0, count, WIDTH):
        hashes = [leaf_hash(ENTRY) for _ in range(min(WIDTH, count - first))]
        for (level, index), tile in extend(edge, hashes).items():
            edge[level] = index, tile
    return process_time() - start


def main() -> None:
    sys.stdout.write(f"T1 tiles, {LEAVES:,} leaves: {machine()}\n")
    tell("T1 tiles / bare hashes", [bare() / grown() for _ in range(ROUNDS)], limit=LIMIT)


if __name__ == "__main__":
    main()
