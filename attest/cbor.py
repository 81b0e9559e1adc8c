"""Deterministic CBOR (RFC 8949 §4.2.1), and nothing beside it: token.md §7.

Every head is walked before ``cbor2`` builds one object from a stranger's bytes, so a
tag, a null or a deep nest never comes to life. What was built is then written again
and has to give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cbor2

from .errors import TokenRefused

ENTRIES = 16  # of one array or map in a token
DEPTH = 4  # the outermost item stands at 0

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP = range(6)
# Binary16 and binary32. Every other simple value, null and bool included, is out.
_FLOATS = (0xF9, 0xFA)


def write(item: object) -> bytes:
    return cbor2.dumps(item, canonical=True)


def _shortest(encoder: cbor2.CBOREncoder, number: float) -> None:
    encoder.write(cbor2.dumps(number, canonical=True))


_IN_ORDER: Mapping[type, Callable[[cbor2.CBOREncoder, Any], None]] = {float: _shortest}


def write_in_order(item: object) -> bytes:
    """What ``write`` gives for maps whose labels ascend already, without sorting them again."""
    return cbor2.dumps(item, encoders=_IN_ORDER)


def bstr(content: bytes) -> bytes:
    """*content* as a CBOR byte string."""
    size = len(content)
    if size < 24:
        return bytes((0x40 | size,)) + content
    if size < 0x100:
        return bytes((0x58, size)) + content
    if size < 0x1_0000:
        return b"\x59" + size.to_bytes(2, "big") + content
    return b"\x5a" + size.to_bytes(4, "big") + content


def read(data: bytes, *, at: str, entries: int = ENTRIES, depth: int = DEPTH) -> object:
    """The one item *data* is, or ``malformed``. Its time grows with *data* alone."""
    try:
        if _walk(data, 0, entries, depth) == len(data):
            item = cbor2.loads(data)
            if cbor2.dumps(item, canonical=True) == data:
                return item
    except (IndexError, cbor2.CBORError):
        # Cut short, or a text that is not UTF-8: both are told below.
        pass
    raise TokenRefused("malformed", at=at)


def _walk(data: bytes, here: int, entries: int, depth: int) -> int:
    """Where the item at *here* ends; IndexError where nothing good can follow."""
    head = data[here]
    major, size = head >> 5, head & 31
    here += 1
    if major > _MAP:
        return here + (2 if head == _FLOATS[0] else 4) if head in _FLOATS else _stop()
    if size >= 24:
        width = 1 << (size - 24) if size < 28 else _stop()
        size = int.from_bytes(data[here : here + width], "big")
        here += width
    if major <= _NINT:
        return here
    if major <= _TEXT:
        return here + size
    if size > entries or (size and not depth):
        _stop()
    for _ in range(size):
        if major == _MAP:
            # A key is a number. That also keeps floats and nests from being hashed.
            if data[here] >> 5 > _NINT:
                _stop()
            here = _walk(data, here, entries, depth - 1)
        here = _walk(data, here, entries, depth - 1)
    return here


def _stop() -> int:
    raise IndexError
