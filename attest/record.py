"""The phone's record of one touch: text that is signed as it stands (evidence.md §2).

    {"at_ms":…,"challenge":"…","device":{…},"errors_between":0,"fixes":[{…}],"id":"…",
     "kind":"arrive","mono_ms":null,"photo_sha256":null,"repair":false,"site":null,
     "state":"given","trip":"…","v":1}

Canonical JSON in the integer-only subset of RFC 8785: keys sorted, no spaces, whole
numbers, booleans, null, ASCII text. Encoding it again gives the same bytes, so one touch
has one spelling. A refusal names a key and never shows a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from .contract import (
    Misfit,
    closed,
    flag,
    listed,
    may,
    need,
    nullable,
    one_of,
    version,
    whole,
    words,
)
from .errors import RecordMalformed
from .strict_json import parsed

BYTES_LIMIT = 16_384
FIXES_LIMIT = 32
LAST_MS = 4_102_444_800_000

_DEEPEST = 4
_MOST = 2**53 - 1
_FARTHEST_CM = 2_000_000_000
_PURPOSE = b"tripseal/check-in/1\0"
_HEX_64 = re.compile(r"[0-9a-f]{64}")
_CODE_LIMIT = 128


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as the phone wrote it: degrees × 10⁷, centimetres, device ms."""

    # Hidden from repr: a coordinate must not reach a log line or an error report.
    lat_e7: int = field(repr=False)
    lon_e7: int = field(repr=False)
    acc_cm: int
    fix_ms: int
    seen_ms: int
    alt_cm: int | None = field(repr=False, default=None)
    altacc_cm: int | None = None


@dataclass(frozen=True, slots=True)
class Device:
    form: str = "unknown"
    utc_offset_min: int | None = None
    automated: bool = False
    patched: bool = False
    motion: str = "unknown"


@dataclass(frozen=True, slots=True)
class Record:
    """One touch. *text* stays as sent, for a signature covers it."""

    v: int
    id: UUID
    trip: UUID | None
    challenge: UUID
    kind: str
    repair: bool
    at_ms: int
    mono_ms: int | None
    state: str
    fixes: tuple[Fix, ...]
    errors_between: int
    device: Device
    site: str | None = field(repr=False)
    photo_sha256: str | None
    text: str = field(repr=False, default="")

    @staticmethod
    def read(text: str) -> Record:
        """The record *text* spells, in the one spelling it has.

        ``state`` is ``given`` exactly if there are fixes: where the phone left out every
        one because none could be a position, the touch stands and has no position.
        """
        value = _parsed(text)
        if _spelled(value) != text:
            raise RecordMalformed("not in canonical form")
        try:
            record: Record = _READ(value)
        except Misfit as no:
            raise RecordMalformed(_blamed(no)) from None
        return replace(_agreeing(record), text=text)


def canonical(said: Mapping[str, Any]) -> str:
    """The one spelling of *said*; anything but whole numbers and ASCII is refused."""
    return _spelled(said)


def signing_challenge(record: str, nonce: bytes) -> bytes:
    """What the device signs: one fingerprint proves person, device and content."""
    text = record.encode()
    return sha256(_PURPOSE + len(text).to_bytes(4) + text + nonce).digest()


def best_fix(record: Record) -> Fix | None:
    """The fix of least accuracy, first among equals: where the touch was, if it says."""
    return min(record.fixes, key=lambda fix: fix.acc_cm, default=None)


def lat_lon_e6(lat_e7: int, lon_e7: int) -> tuple[int, int]:
    """Degrees × 10⁶, half away from zero, as leaves carry them (log.md §3)."""
    return _e6(lat_e7), _e6(lon_e7)


def _e6(e7: int) -> int:
    size = (abs(e7) + 5) // 10
    return size if e7 >= 0 else -size


def _parsed(text: str) -> object:
    if len(text) > BYTES_LIMIT:
        raise RecordMalformed("longer than 16 KiB")
    if not text.isascii():
        raise RecordMalformed("not ASCII")
    try:
        return parsed(text)
    except Misfit as no:
        raise RecordMalformed(no.why) from None


def _spelled(value: object) -> str:
    if not isinstance(value, Mapping) or not _plain(value, depth=1):
        raise RecordMalformed("an object of whole numbers, booleans, null and ASCII, 4 deep")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _plain(value: object, *, depth: int) -> bool:
    if isinstance(value, Mapping):
        named = all(type(name) is str and name.isascii() for name in value)
        return named and _all_plain(value.values(), depth=depth)
    if isinstance(value, list | tuple):
        return _all_plain(value, depth=depth)
    # By exact type: True is an int to Python, and not to a phone.
    if type(value) is int:
        return abs(value) <= _MOST
    if type(value) is str:
        return value.isascii()
    return value is None or type(value) is bool


def _all_plain(values: Iterable[object], *, depth: int) -> bool:
    return depth <= _DEEPEST and all(_plain(one, depth=depth + 1) for one in values)


def _agreeing(record: Record) -> Record:
    if record.fixes and record.state != "given":
        raise RecordMalformed("state does not go with fixes")
    if record.state == "given" and not record.fixes:
        return replace(record, state="unavailable")
    return record


def _blamed(no: Misfit) -> str:
    """Names the key. A key nobody knows is the sender's own words and is not repeated."""
    path = no.path.rpartition("/")[0] if no.why == "unknown-field" else no.path
    return f"{path.removeprefix('/').replace('/', '.') or 'record'}: {no.why}"


def _uuid(value: object) -> UUID:
    said = words(value)
    try:
        found = UUID(said)
    except ValueError:
        raise Misfit("wrong-value") from None
    # One spelling: lower case, with hyphens.
    if str(found) != said:
        raise Misfit("wrong-value")
    return found


def _code(value: object) -> str:
    if len(words(value)) > _CODE_LIMIT:
        raise Misfit("too-long")
    return words(value)


def _digest(value: object) -> str:
    if not _HEX_64.fullmatch(words(value)):
        raise Misfit("wrong-value")
    return words(value)


_INSTANT = whole(0, LAST_MS)
_OFF = may(flag, default=False)
_FIX = closed(
    Fix,
    lat_e7=need(whole(-900_000_000, 900_000_000)),
    lon_e7=need(whole(-1_800_000_000, 1_800_000_000)),
    acc_cm=need(whole(0, _FARTHEST_CM)),
    fix_ms=need(_INSTANT),
    seen_ms=need(_INSTANT),
    alt_cm=may(nullable(whole(-50_000, 2_000_000)), default=None),
    altacc_cm=may(nullable(whole(0, _FARTHEST_CM)), default=None),
)
_DEVICE = closed(
    Device,
    form=may(one_of("phone", "tablet", "desktop", "unknown"), default="unknown"),
    utc_offset_min=may(nullable(whole(-720, 840)), default=None),
    automated=_OFF,
    patched=_OFF,
    motion=may(one_of("seen", "silent", "refused", "unknown"), default="unknown"),
)
# What may be absent has one plain meaning then: a touch is not lost for want of it.
_READ = closed(
    Record,
    v=need(version(1)),
    id=need(_uuid),
    trip=need(nullable(_uuid)),
    challenge=need(_uuid),
    kind=need(one_of("arrive", "stop", "return")),
    repair=_OFF,
    at_ms=need(_INSTANT),
    mono_ms=may(nullable(_INSTANT), default=None),
    state=need(one_of("given", "refused", "unavailable", "timeout", "unsupported")),
    fixes=may(listed(_FIX, most=FIXES_LIMIT), default=()),
    errors_between=may(whole(0, 1000), default=0),
    device=may(_DEVICE, default=Device()),
    site=may(nullable(_code), default=None),
    photo_sha256=may(nullable(_digest), default=None),
)
