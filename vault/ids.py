"""Names for rows that may be seen outside (RFC 9562, version 7): they sort by time."""

from __future__ import annotations

from secrets import randbits
from time import time_ns
from uuid import UUID


def uuid7() -> UUID:
    at_ms = time_ns() // 1_000_000
    return UUID(int=at_ms << 80 | 0x7 << 76 | randbits(12) << 64 | 0b10 << 62 | randbits(62))
