"""The one archive a bundle can be, and a reader that takes no other.

Names sorted by their bytes, 1980-01-01, mode 0644, deflate 6; no folders, extra fields
or comments, nothing before, between or after the members. What a second reader could
see differently is refused: a name twice, a local header unlike the directory.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Final, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from attest.errors import BundleUnusable

CHUNK: Final = 65_536
MOST_MEMBERS: Final = 10_000
MOST_BYTES: Final = 16 << 30
MOST_TIMES: Final = 200
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
# Version 2.0, midnight, the first of January 1980, as a header says it.
_EPOCH_TOLD: Final = (20, 0, 0x21)
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_END: Final = struct.Struct("<4s4H2LH")


class Members(Protocol):
    """A bundle as its reader meets it: an archive or an unpacked folder."""

    @property
    def top(self) -> str: ...
    @property
    def names(self) -> Sequence[str]: ...
    def stream(self, name: str) -> IO[bytes]: ...


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def chunks(members: Members, name: str) -> Iterator[bytes]:
    try:
        with members.stream(name) as file:
            yield from pieces(file)
    except (BadZipFile, zlib.error, EOFError) as wrong:
        raise BundleUnusable("zip.unreadable", what=name) from wrong


def read(members: Members, name: str, *, most: int = 64 << 20) -> bytes:
    """The whole of a small member."""
    whole = b""
    for chunk in chunks(members, name):
        whole += chunk
        if len(whole) > most:
            raise BundleUnusable("zip.too_large", what=name)
    return whole


def plain_member(name: str) -> ZipInfo:
    """How every member of an archive of ours looks."""
    said = ZipInfo(name, _EPOCH)
    said.compress_type = ZIP_DEFLATED
    said.create_system = 3
    said.external_attr = (stat.S_IFREG | 0o644) << 16
    return said


class Archive:
    """An archive somebody else made, read after every doubt about it is cleared."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = ZipFile(file)
            members = self._zip.infolist()
        except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as wrong:
            raise BundleUnusable("zip.unreadable") from wrong
        _check_sizes(members)
        _check_names([member.orig_filename for member in members])
        for member in members:
            _check_member(member)
        _check_layout(file, members, self._zip)
        self.top = members[0].filename.partition("/")[0]
        self._members = {m.filename.partition("/")[2]: m for m in members}

    @property
    def names(self) -> Sequence[str]:
        return sorted(self._members)

    def stream(self, name: str) -> IO[bytes]:
        return self._zip.open(self._members[name])


def check_name(name: str) -> None:
    parts = name.split("/")
    if not name.isascii() or not name.isprintable() or "\\" in name or ":" in name:
        raise BundleUnusable("zip.unsafe_name", what=name)
    if any(part in {"", ".", ".."} for part in parts):
        raise BundleUnusable("zip.unsafe_name", what=name)


def _check_sizes(members: Sequence[ZipInfo]) -> None:
    if not members:
        raise BundleUnusable("zip.unreadable")
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_BYTES:
        raise BundleUnusable("zip.too_large")


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        check_name(name)
    if len({name.casefold() for name in names}) != len(names):
        raise BundleUnusable("zip.duplicate_name")
    tops = {name.partition("/")[0] for name in names}
    if len(tops) != 1 or any("/" not in name for name in names):
        raise BundleUnusable("zip.unsafe_name")


def _check_member(member: ZipInfo) -> None:
    if member.flag_bits & 0x41:
        raise BundleUnusable("zip.encrypted", what=member.filename)
    if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG} or member.is_dir():
        raise BundleUnusable("zip.unsafe_name", what=member.filename)
    if member.flag_bits or member.extra or member.comment:
        raise BundleUnusable("zip.header_mismatch", what=member.filename)
    if member.compress_type not in {ZIP_DEFLATED, ZIP_STORED}:
        raise BundleUnusable("zip.unreadable", what=member.filename)
    if _looks(member) != _looks(plain_member(member.filename)):
        raise BundleUnusable("zip.header_mismatch", what=member.filename)
    if member.file_size > MOST_TIMES * max(member.compress_size, 1):
        raise BundleUnusable("zip.too_large", what=member.filename)


def _looks(member: ZipInfo) -> tuple[object, ...]:
    """All that a member says of itself but its name and content."""
    return (
        *(member.date_time, member.external_attr, member.internal_attr, member.volume),
        *(member.create_system, member.create_version, member.extract_version, member.reserved),
    )


def _check_layout(file: IO[bytes], members: Sequence[ZipInfo], found: ZipFile) -> None:
    """Member after member, then the directory, then the end: not a byte more."""
    at = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset != at:
            raise BundleUnusable("zip.stray_bytes", what=member.filename)
        at += _check_header(file, member) + member.compress_size
    end = file.seek(0, 2)
    file.seek(end - _END.size)
    mark, *_, length, start, comment = _END.unpack(file.read(_END.size))
    if mark != b"PK\x05\x06" or comment or found.comment:
        raise BundleUnusable("zip.stray_bytes")
    if start != at or start + length + _END.size != end:
        raise BundleUnusable("zip.stray_bytes")


def _check_header(file: IO[bytes], member: ZipInfo) -> int:
    """How long the local header is, if it says what the directory says."""
    file.seek(member.header_offset)
    raw = file.read(_LOCAL.size)
    if len(raw) != _LOCAL.size:
        raise BundleUnusable("zip.unreadable", what=member.filename)
    mark, version, flags, method, time, day, crc, packed, plain, length, extra = _LOCAL.unpack(raw)
    said = (mark, flags, method, crc, packed, plain, extra, version, time, day)
    told = (
        *(b"PK\x03\x04", member.flag_bits, member.compress_type, member.CRC),
        *(member.compress_size, member.file_size, 0, *_EPOCH_TOLD),
    )
    if said != told or file.read(length) != member.orig_filename.encode():
        raise BundleUnusable("zip.header_mismatch", what=member.filename)
    return _LOCAL.size + int(length)
