"""What one leaf says, and how it is spelled.

    entry        canonical JSON: v, t, at · for a deed of a trip trip, n, pc · own
                 fields · a commitment to each group of what is personal or settled
    leaf hash    H(00 ‖ entry)
    commitment   H("tripseal/commit/v1" ‖ 00 ‖ group ‖ 00 ‖ salt[32] ‖ canonical(value))

Groups: ``id`` who, ``biz`` what for and how much, ``loc`` exactly where. Their values
lie outside the leaf: with its salt destroyed a commitment says nothing, however
guessable the value. Fields that hold a hash are bytes here and base64 in the entry; an
absent value is an absent key. The words of a refusal begin with the part of its code
that log.md §12 gives to a bad leaf: ``not_canonical``, ``unknown_type`` or ``field``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, ClassVar, Final

from attest.errors import LeafMalformed

from .forms import TIME, VERSION, expect_form
from .strict64 import encode64
from .tiles import ENTRY_BYTES

Value = Mapping[str, Any]

SALT_BYTES: Final = 32
GROUPS: Final = {"who": "id", "what": "biz", "where": "loc"}

_LARGEST: Final = 2**53 - 1
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")


# Spelling


def canonical(value: Value) -> bytes:
    """The only bytes of *value*. Null, fractions, text not in NFC have none."""
    if not isinstance(value, Mapping):
        raise LeafMalformed("not_canonical: one object is wanted")
    try:
        return _WRITER.encode(_plain(value)).encode()
    except RecursionError as deep:
        raise LeafMalformed("not_canonical: nested too deep") from deep


def parse_canonical(raw: bytes) -> dict[str, Any]:
    """The object in *raw*, if these are the only bytes it could have had."""
    try:
        text = raw.decode()
        value = _READER.decode(text)
        if not isinstance(value, dict):
            raise LeafMalformed("not_canonical: one object is wanted")
        if not _is_plainly_sound(text):
            _sound(value)
        spelled = _WRITER.encode(value).encode()
    except (ValueError, RecursionError) as wrong:
        raise LeafMalformed("not_canonical: not such JSON") from wrong
    if spelled != raw:
        raise LeafMalformed("not_canonical: another spelling of the same value")
    return value


def time_text(at: datetime) -> str:
    if at.tzinfo is None:
        raise LeafMalformed("field: a time without a zone is not a time")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_time(text: str) -> datetime:
    if not TIME.fullmatch(text):
        raise LeafMalformed("field: not a time")
    try:
        return datetime.fromisoformat(text)
    except ValueError as wrong:
        raise LeafMalformed("field: not a time") from wrong


def commit(group: str, salt: bytes, value: Value) -> bytes:
    return _commit(group, salt, canonical(value))


def commit_read(group: str, salt: bytes, value: Value) -> bytes:
    """``commit`` over a *value* out of ``parse_canonical``, which is spelled in one way only."""
    if not isinstance(value, dict):
        raise LeafMalformed("not_canonical: one object is wanted")
    return _commit(group, salt, _WRITER.encode(value).encode())


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


# The events. ``who``, ``what`` and ``where`` stay out of repr: they must not leak.


@dataclass(frozen=True, slots=True, kw_only=True)
class TripOpened:
    t: ClassVar = "trip-open"
    who: Value = field(repr=False)
    what: Value = field(repr=False)
    where: Value | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn:
    """*tok* is the hash of the sealed token's bytes. No position, no ``where``."""

    t: ClassVar = "checkin"
    tok: bytes
    who: Value = field(repr=False)
    what: Value = field(repr=False)
    where: Value | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """*of* and *ofh* name an earlier leaf of the same trip, here and below."""

    t: ClassVar = "approval"
    of: int
    ofh: bytes
    who: Value = field(repr=False)
    what: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """*digest* is the hash of the joined leaf hashes n = 0 … count - 1."""

    t: ClassVar = "settlement"
    count: int
    digest: bytes
    who: Value = field(repr=False)
    what: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    t: ClassVar = "void"
    of: int
    ofh: bytes
    who: Value = field(repr=False)
    what: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The new values are whole ones; the corrected leaf stays. *tok*: a token in its place."""

    t: ClassVar = "correction"
    of: int
    ofh: bytes
    tok: bytes | None = None
    who: Value = field(repr=False)
    what: Value = field(repr=False)
    where: Value | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """*group* was destroyed in the leaves of *ranges*, each [first, end)."""

    t: ClassVar = "erasure"
    group: str
    ranges: Sequence[Sequence[int]]
    count: int
    reason: str
    policy: str
    who: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated:
    """*note* carries the signatures of the old key and of the new one."""

    t: ClassVar = "key-rotation"
    role: str
    note: str
    who: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessChanged:
    t: ClassVar = "witness-change"
    action: str
    name: str
    vkey: str
    quorum: int
    who: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequested:
    """Leaves *from_* up to *to*; *scope* is a hash."""

    t: ClassVar = "export"
    phase: ClassVar = "request"
    nonce: str
    from_: int
    to: int
    groups: Sequence[str]
    purpose: str
    scope: bytes
    who: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDone:
    """*manifest* is the hash of the tag manifest file."""

    t: ClassVar = "export"
    phase: ClassVar = "done"
    nonce: str
    manifest: bytes
    size: int
    who: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accessed:
    t: ClassVar = "access"
    method: str
    purpose: str
    count: int
    who: Value = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """*every* in seconds; *anchor* holds kind, size and at (text)."""

    t: ClassVar = "heartbeat"
    every: int
    anchor: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped:
    """Times as ``time_text`` has them."""

    t: ClassVar = "clock-step"
    was: str
    now: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigChanged:
    """*subject* is the field ``what``; *from_* a date or a time, as text."""

    t: ClassVar = "config-change"
    subject: str
    name: str
    sha256: bytes | None = None
    from_: str | None = None
    who: Value = field(repr=False)


Event = (
    TripOpened
    | CheckedIn
    | Approved
    | Settled
    | Voided
    | Corrected
    | Erased
    | KeyRotated
    | WitnessChanged
    | ExportRequested
    | ExportDone
    | Accessed
    | Heartbeat
    | ClockStepped
    | ConfigChanged
)

# Words that Python, or a group's name, keeps for itself.
_SPELLED: Final = {"subject": "what", "from_": "from"}


# Writing


@dataclass(frozen=True, slots=True)
class Leaf:
    """*openings* holds salt ‖ canonical value by group: what is sealed, never shown."""

    entry: bytes
    hash: bytes
    openings: Mapping[str, bytes] = field(repr=False)


def groups(event: Event) -> tuple[str, ...]:
    """The groups this event will need a salt for."""
    return tuple(_values(event))


def build(
    event: Event,
    *,
    at: datetime,
    salts: Mapping[str, bytes],
    trip: str | None = None,
    n: int | None = None,
    pc: bytes | None = None,
) -> Leaf:
    """The leaf of *event*. A deed of a trip takes *trip* and *n*, from n = 1 on *pc*.

    Every group takes its own fresh salt. Nothing ``read_leaf`` refuses is built.
    """
    values = _values(event)
    if set(salts) != set(values) or len(set(salts.values())) != len(salts):
        raise LeafMalformed("field: one salt of its own for each group")
    spelled = {group: canonical(value) for group, value in values.items()}
    # The salt is checked in _commit, before anything of the value can be sealed.
    shut = {g: encode64(_commit(g, salts[g], raw)) for g, raw in spelled.items()}
    place = _place(trip=trip, n=n, pc=pc)
    start = {"v": VERSION, "t": event.t, "at": time_text(at)}
    entry = canonical(start | place | _header(event) | shut)
    read_leaf(entry)
    return Leaf(entry, leaf_hash(entry), {g: salts[g] + raw for g, raw in spelled.items()})


# Reading


def read_leaf(entry: bytes) -> dict[str, Any]:
    """The fields of *entry* as they stand. Unknown type, field or version: refused."""
    if len(entry) > ENTRY_BYTES:
        raise LeafMalformed(f"field: an entry is at most {ENTRY_BYTES} bytes")
    leaf = parse_canonical(entry)
    expect_form(leaf)
    return leaf


def _values(event: Event) -> dict[str, Value]:
    held = {group: getattr(event, name, None) for name, group in GROUPS.items()}
    return {group: value for group, value in held.items() if value is not None}


def _header(event: Event) -> dict[str, Any]:
    own = [one.name for one in fields(event) if one.name not in GROUPS]
    held = {name: getattr(event, name) for name in own}
    phase = {"phase": event.phase} if isinstance(event, ExportRequested | ExportDone) else {}
    spelled = {_SPELLED.get(name, name): _spell(value) for name, value in held.items()}
    return phase | {name: value for name, value in spelled.items() if value is not None}


def _spell(value: object) -> object:
    return encode64(value) if isinstance(value, bytes) else value


def _place(*, trip: str | None, n: int | None, pc: bytes | None) -> dict[str, Any]:
    if trip is None and n is None and pc is None:
        return {}
    link = {"pc": encode64(pc or b"")}
    return {name: v for name, v in {"trip": trip, "n": n}.items() if v is not None} | link


def _commit(group: str, salt: bytes, spelled: bytes) -> bytes:
    if group not in GROUPS.values():
        raise LeafMalformed("field: a group is id, loc or biz")
    if len(salt) != SALT_BYTES:
        raise LeafMalformed(f"field: a salt is {SALT_BYTES} bytes")
    name = group.encode()
    return sha256(b"tripseal/commit/v1\x00" + name + b"\x00" + salt + spelled).digest()


def _plain(value: object) -> object:
    match value:
        case bool():
            return value
        case int() if abs(value) <= _LARGEST:
            return value
        case str():
            return _text(value)
        case Mapping():
            return {_key(key): _plain(held) for key, held in value.items()}
        case list() | tuple():
            return [_plain(held) for held in value]
    raise LeafMalformed(f"not_canonical: no place for a {type(value).__name__}")


def _is_plainly_sound(text: str) -> bool:
    """Whether ``_sound`` can find nothing in *text*, whose keys and numbers were read with care.

    Every string stands in it letter for letter, and a part of a text in NFC is in NFC.
    """
    plain = "\\" not in text and "null" not in text and text.isprintable()
    return plain and unicodedata.is_normalized("NFC", text)


def _sound(value: object) -> None:
    """What ``_plain`` asks of a value, of one that JSON has just given: nothing is copied."""
    kind = type(value)
    if kind is str:
        _text(value)  # type: ignore[arg-type]
    elif kind is dict:
        for key, held in value.items():  # type: ignore[attr-defined]
            _key(key)
            _sound(held)
    elif kind is list:
        for held in value:  # type: ignore[attr-defined]
            _sound(held)
    elif kind is int:
        if abs(value) > _LARGEST:  # type: ignore[arg-type]
            raise LeafMalformed("not_canonical: no place for so large a number")
    elif kind is not bool:
        raise LeafMalformed(f"not_canonical: no place for a {kind.__name__}")


# A log has few keys, each many times over.
@lru_cache(maxsize=4_096)
def _key(key: object) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise LeafMalformed("not_canonical: a key is [a-z][a-z0-9_]*")
    return key


def _text(text: str) -> str:
    # Hashes, times and words of the log: nothing to look at letter by letter.
    if text.isascii() and text.isprintable():
        return text
    if not unicodedata.is_normalized("NFC", text):
        raise LeafMalformed("not_canonical: text is not in NFC")
    if not text.isprintable() and any(
        unicodedata.category(one) in {"Cc", "Cs"} and one != "\n" for one in text
    ):
        raise LeafMalformed("not_canonical: control character or half a character")
    return text


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    for key in found:
        _key(key)
    return found


def _whole(text: str) -> int:
    number = int(text) if len(text) < 20 else _LARGEST + 1
    if abs(number) > _LARGEST:
        raise LeafMalformed("not_canonical: no place for so large a number")
    return number


def _never(text: str) -> float:
    raise ValueError(f"not an integer: {text[:20]}")


# Made once: each is asked twice or more for every leaf.
_READER = json.JSONDecoder(
    object_pairs_hook=_once_each,
    parse_int=_whole,
    parse_float=_never,
    parse_constant=_never,
)
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
