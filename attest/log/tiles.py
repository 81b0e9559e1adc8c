"""The tree as files: 256 hashes to a full tile, 8,192 bytes.

    tile/<L>/<N>[.p/<W>]         32-byte hashes; L counts steps of eight tree levels
    tile/entries/<N>[.p/<W>]     entries, each as big-endian uint16 length and bytes

N is written in groups of three digits, all but the last with ``x``: 1234067 is
``x001/x234/067``. A partial tile is the beginning of the later full one, so whoever
keeps the longest can serve every width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from attest.errors import LeafMalformed, LogInconsistent, ProofRefused

from . import merkle

WIDTH: Final = 256
TILE_BYTES: Final = 32 * WIDTH
ENTRY_BYTES: Final = 4096
ENTRIES: Final = "entries"

Level = int | Literal["entries"]

# [0-9], not \d: a path in other digits would be a second name for one tile.
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class TileName:
    level: Level
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if self.level != ENTRIES and not 0 <= self.level <= 63:
            raise ValueError("no such level")
        # 2^56 tiles of 256 would already be more leaves than a uint64 counts.
        if not 0 <= self.index < 1 << 56 or not 1 <= self.width <= WIDTH:
            raise ValueError("no such tile")


class TileReader(Protocol):
    def __call__(self, level: int, index: int, /) -> bytes:
        """The longest tile there is; only its beginning may be asked for."""


def tile_path(level: Level, index: int, width: int = WIDTH) -> str:
    name = TileName(level, index, width)
    digits = f"{name.index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    partial = "" if name.width == WIDTH else f".p/{name.width}"
    return f"tile/{name.level}/{number}{partial}"


def parse_tile_path(path: str) -> TileName:
    """ValueError for anything ``tile_path`` would not have written."""
    if not (found := _PATH.fullmatch(path)):
        raise ValueError("not a tile path")
    level, number, width = found.groups()
    name = TileName(
        level=ENTRIES if level == ENTRIES else int(level),
        index=int(number.replace("x", "").replace("/", "")),
        width=int(width or WIDTH),
    )
    if tile_path(name.level, name.index, name.width) != path:
        raise ValueError("not the one way to write this tile")
    return name


def frame(entry: bytes) -> bytes:
    if len(entry) > ENTRY_BYTES:
        raise LeafMalformed(f"an entry is at most {ENTRY_BYTES} bytes")
    return len(entry).to_bytes(2, "big") + entry


def bundle(entries: Iterable[bytes]) -> bytes:
    return b"".join(map(frame, entries))


def unbundle(framed: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(framed):
        length = int.from_bytes(framed[at : at + 2], "big")
        entry = framed[at + 2 : at + 2 + length]
        if len(framed) < at + 2 or len(entry) != length or length > ENTRY_BYTES:
            raise ProofRefused("shape")
        yield entry
        at += 2 + length


def extend(
    edge: Mapping[int, tuple[int, bytes]], hashes: Sequence[bytes]
) -> dict[tuple[int, int], bytes]:
    """Every tile that is new or longer after *hashes*, by level and index.

    *edge* holds the last tile of each level, with its index; nothing for an empty tree.
    """
    if set(map(len, hashes)) - {32}:
        raise LeafMalformed("field: a leaf hash is 32 bytes")
    changed: dict[tuple[int, int], bytes] = {}
    level, coming = 0, b"".join(hashes)
    while coming:
        index, held = _unfinished(edge.get(level, (0, b"")))
        row = held + coming
        tiles = [row[at : at + TILE_BYTES] for at in range(0, len(row), TILE_BYTES)]
        changed |= {(level, index + i): tile for i, tile in enumerate(tiles)}
        full = [tile for tile in tiles if len(tile) == TILE_BYTES]
        level, coming = level + 1, b"".join(map(merkle.perfect, full))
    return changed


class Tree:
    """Root and proofs of the first *size* leaves. Reads each tile once."""

    __slots__ = ("_kept", "_read", "size")

    def __init__(self, read: TileReader, size: int) -> None:
        self._read, self.size = read, size
        self._kept: dict[tuple[int, int], bytes] = {}

    def root(self) -> bytes:
        return merkle.root(self, self.size)

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        return merkle.inclusion_proof(self, index=index, size=self.size)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        return merkle.consistency_proof(self, old=old, new=self.size)

    def range(self, start: int, stop: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        return merkle.range_proof(self, start=start, stop=stop, size=self.size)

    def node(self, level: int, index: int) -> bytes:
        row, inside = divmod(level, 8)
        tile, first = divmod(index << inside, WIDTH)
        hashes = self._tile(row, tile)[32 * first : 32 * (first + (1 << inside))]
        return merkle.perfect(hashes)

    def _tile(self, level: int, index: int) -> bytes:
        if (level, index) not in self._kept:
            width = min(WIDTH, (self.size >> 8 * level) - WIDTH * index)
            # What was added since is cut off: this tree is as old as its size.
            tile = self._read(level, index)[: 32 * width]
            if len(tile) != 32 * width:
                raise LogInconsistent(f"{tile_path(level, index, width)}: too short")
            self._kept[level, index] = tile
        return self._kept[level, index]


def _unfinished(last: tuple[int, bytes]) -> tuple[int, bytes]:
    index, tile = last
    if len(tile) % 32 or len(tile) > TILE_BYTES:
        raise LogInconsistent(f"tile {index} at the edge has no such length")
    return (index + 1, b"") if len(tile) == TILE_BYTES else last
