"""Deflated streams that can be laid end to end, and the one archive they are laid into.

    stream    deflated piece ‖ deflated piece ‖ … ‖ an empty last block
    archive   (local header ‖ stream) of each member ‖ directory ‖ end

Each piece was ended at a byte and leans on none before it: a piece that was made yesterday is
good today. What a header says of its stream is known before it is written, so that nothing is
ever gone back to: an archive can be sealed while it is made.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from attest.errors import ExportRefused

from .archive import CHUNK, plain_member

_LEVEL: Final = 6
_LAST: Final = b"\x03\x00"
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
# Version 2.0, made on Unix; deflated, midnight, the first of January 1980.
_MADE: Final = (20 | 3 << 8, 20, 0, 8, 0, 0x21)
# What the fields of a header hold: a larger archive would need another form.
_MOST: Final = 0xFFFF_FFFF

Source = Callable[[], Iterable[bytes]]


class Packer:
    """Deflates what is written. ``close`` ends it at a byte: another piece may follow."""

    def __init__(self) -> None:
        self._deflate = _deflater()
        self._out = list[bytes]()

    def write(self, chunk: bytes) -> None:
        if made := self._deflate.compress(chunk):
            self._out.append(made)

    def close(self) -> bytes:
        return b"".join([*self._out, self._deflate.flush(zlib.Z_SYNC_FLUSH)])


@dataclass(frozen=True, slots=True)
class Packed:
    """*stream* gives the deflated bytes, as often as it is asked; the rest is what they hold."""

    crc: int
    size: int
    sha256: str
    length: int
    stream: Source


def packed(raw: bytes) -> Packed:
    """Of something small."""
    deflate = _deflater()
    content = deflate.compress(raw) + deflate.flush()
    digest = sha256(raw).hexdigest()
    return Packed(zlib.crc32(raw), len(raw), digest, len(content), lambda: [content])


def joined(pieces: Source) -> Packed:
    """Of pieces that ``Packer`` made; they are asked for twice, and must be the same."""

    def stream() -> Iterator[bytes]:
        yield from pieces()
        yield _LAST

    seen = _Seen()
    for chunk in unpacked(pieces()):
        seen.take(chunk)
    return seen.packed(sum(map(len, stream())), stream)


def repacked(source: Source) -> Packed:
    """Of plain chunks that are made anew each time they are asked for."""

    def stream() -> Iterator[bytes]:
        deflate = _deflater()
        for chunk in source():
            if made := deflate.compress(chunk):
                yield made
        yield deflate.flush()

    seen = _Seen()
    for chunk in source():
        seen.take(chunk)
    return seen.packed(sum(map(len, stream())), stream)


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What pieces of one stream hold, a little at a time."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        rest = piece
        while rest:
            if chunk := inflate.decompress(rest, CHUNK):
                yield chunk
            rest = inflate.unconsumed_tail
    if chunk := inflate.flush():
        yield chunk


def archive_of(members: Iterable[tuple[str, Packed]]) -> Iterator[bytes]:
    """The archive of *members*, in their order; ``ExportRefused`` where it would be too large."""
    directory, at, count = b"", 0, 0
    for name, content in members:
        if max(at, content.size, content.length) >= _MOST:
            raise ExportRefused("more than one file holds: ask for fewer trips")
        told = (content.crc, content.length, content.size)
        spelled, member = name.encode("ascii"), plain_member(name)
        head = _LOCAL.pack(b"PK\x03\x04", *_MADE[1:], *told, len(spelled), 0) + spelled
        yield head
        directory += _CENTRAL.pack(
            *(b"PK\x01\x02", *_MADE, *told, len(spelled), 0, 0, 0, 0),
            *(member.external_attr, at),
        )
        directory += spelled
        yield from content.stream()
        at, count = at + len(head) + content.length, count + 1
    if at + len(directory) >= _MOST:
        raise ExportRefused("more than one file holds: ask for fewer trips")
    yield directory
    yield _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), at, 0)


class _Seen:
    """What passes by, in figures."""

    def __init__(self) -> None:
        self._crc, self._size, self._hash = 0, 0, sha256()

    def take(self, chunk: bytes) -> None:
        self._crc = zlib.crc32(chunk, self._crc)
        self._size += len(chunk)
        self._hash.update(chunk)

    def packed(self, length: int, stream: Source) -> Packed:
        return Packed(self._crc, self._size, self._hash.hexdigest(), length, stream)


def _deflater() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
