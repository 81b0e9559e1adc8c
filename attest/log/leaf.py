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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any, ClassVar, Final

from attest.errors import LeafMalformed

from .strict64 import encode64
from .tiles import ENTRY_BYTES

Value = Mapping[str, Any]

VERSION: Final = 1
SALT_BYTES: Final = 32
GROUPS: Final = {"who": "id", "what": "biz", "where": "loc"}

_LARGEST: Final = 2**53 - 1
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_TRIP: Final = re.compile(r"t[0-9a-f]{32}")
# 32 bytes in the one spelling of strict64: the last letter has no spare bits.
_HASH: Final = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
_WORD: Final = re.compile(r"[a-z][a-z0-9-]*")


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
    if not _TIME.fullmatch(text):
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
    form = _form_of(leaf)
    if unknown := leaf.keys() - form.must.keys() - form.may.keys():
        raise LeafMalformed(f"field: unknown: {', '.join(sorted(unknown))}")
    if missing := form.must.keys() - leaf.keys():
        raise LeafMalformed(f"field: missing: {', '.join(sorted(missing))}")
    for name, holds in (form.must | form.may).items():
        if name in leaf and not holds(leaf[name]):
            raise LeafMalformed(f"field: {name}")
    _agree(leaf)
    return leaf


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_positive(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_lines(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\n" not in value


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_link(value: object) -> bool:
    return value == "" or _is_hash(value)


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and time_text(read_time(value)) == value
    except LeafMalformed:
        return False


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and str(date.fromisoformat(value)) == value
    except ValueError:
        return False


def _is_since(value: object) -> bool:
    return _is_date(value) or _is_time(value)


def _is_ranges(value: object) -> bool:
    """Not empty, each [a, b) with a < b, ascending and apart."""
    if not isinstance(value, list) or not value or not all(map(_is_range, value)):
        return False
    return all(one[1] <= other[0] for one, other in pairwise(value))


def _is_range(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_count, value)):
        return False
    return bool(value[0] < value[1])


def _is_groups(value: object) -> bool:
    if not isinstance(value, list) or any(one not in GROUPS.values() for one in value):
        return False
    return value == sorted(set(value))


def _is_anchor(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"kind", "size", "at"}:
        return False
    return _is_text(value["kind"]) and _is_count(value["size"]) and _is_time(value["at"])


def _is(*wanted: str | int) -> Callable[[object], bool]:
    # With their types, for True is no version 1.
    return lambda value: any(type(value) is type(one) and value == one for one in wanted)


def _matches(form: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


Checks = Mapping[str, Callable[[object], bool]]

_EVERY: Final[Checks] = {"v": _is(VERSION), "t": _is_text, "at": _is_time}
_OF_TRIP: Final[Checks] = {"trip": _matches(_TRIP), "n": _is_count, "pc": _is_link}
_AIMED: Final[Checks] = {"of": _is_count, "ofh": _is_hash}
_WHO: Final[Checks] = {"id": _is_hash}
_WHAT: Final[Checks] = {"biz": _is_hash}
_WHERE: Final[Checks] = {"loc": _is_hash}
_word: Final = _matches(_WORD)


@dataclass(frozen=True, slots=True)
class _Form:
    must: dict[str, Callable[[object], bool]]
    may: dict[str, Callable[[object], bool]]


def _form(*must: Checks, may: Checks | None = None) -> _Form:
    wanted: dict[str, Callable[[object], bool]] = dict(_EVERY)
    for part in must:
        wanted.update(part)
    return _Form(wanted, dict(may or {}))


_FORMS: Final[Mapping[tuple[str, str], _Form]] = {
    ("trip-open", ""): _form(_OF_TRIP, _WHO, _WHAT, may=_WHERE),
    ("checkin", ""): _form(_OF_TRIP, {"tok": _is_hash}, _WHO, _WHAT, may=_WHERE),
    ("approval", ""): _form(_OF_TRIP, _AIMED, _WHO, _WHAT),
    ("settlement", ""): _form(_OF_TRIP, {"count": _is_count, "digest": _is_hash}, _WHO, _WHAT),
    ("void", ""): _form(_OF_TRIP, _AIMED, _WHO, _WHAT),
    ("correction", ""): _form(_OF_TRIP, _AIMED, _WHO, _WHAT, may={**_WHERE, "tok": _is_hash}),
    ("erasure", ""): _form(
        {
            "group": _is(*GROUPS.values()),
            "ranges": _is_ranges,
            "count": _is_count,
            "reason": _is("retention", "withdrawal", "order"),
            "policy": _is_text,
        },
        _WHO,
    ),
    ("key-rotation", ""): _form({"role": _is("log", "receipt", "export"), "note": _is_lines}, _WHO),
    ("witness-change", ""): _form(
        {"action": _word, "name": _is_text, "vkey": _is_text, "quorum": _is_count}, _WHO
    ),
    ("export", "request"): _form(
        {
            "phase": _is("request"),
            "nonce": _is_text,
            "from": _is_count,
            "to": _is_count,
            "groups": _is_groups,
            "purpose": _is_text,
            "scope": _is_hash,
        },
        _WHO,
    ),
    ("export", "done"): _form(
        {
            "phase": _is("done"),
            "nonce": _is_text,
            "manifest": _is_hash,
            "size": _is_count,
        },
        _WHO,
    ),
    ("access", ""): _form(
        {
            "method": _is("view", "scan", "search", "report"),
            "purpose": _is_text,
            "count": _is_count,
        },
        _WHO,
    ),
    ("heartbeat", ""): _form({"every": _is_positive}, may={"anchor": _is_anchor}),
    ("clock-step", ""): _form(
        {
            "was": _is_time,
            "now": _is_time,
            "cause": _is("ntp", "operator", "late-commit"),
        }
    ),
    ("config-change", ""): _form(
        {"what": _word, "name": _is_text},
        _WHO,
        may={"sha256": _is_hash, "from": _is_since},
    ),
}


def _form_of(leaf: Mapping[str, Any]) -> _Form:
    kind, phase = leaf.get("t"), leaf.get("phase", "")
    if not isinstance(kind, str) or not isinstance(phase, str) or not _is(VERSION)(leaf.get("v")):
        raise LeafMalformed("unknown_type: version or type")
    if form := _FORMS.get((kind, phase)):
        return form
    raise LeafMalformed("unknown_type: version or type")


def _agree(leaf: Mapping[str, Any]) -> None:
    """What two fields say together."""
    if "n" in leaf and (leaf["n"] == 0) != (leaf["pc"] == ""):
        raise LeafMalformed("field: pc")
    # Only what came before can be approved, voided or corrected.
    if "of" in leaf and leaf["of"] >= leaf["n"]:
        raise LeafMalformed("field: of")


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
