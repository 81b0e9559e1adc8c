"""Which fields a leaf of each type has, and what each of them may hold (log.md §3).

The words of a refusal begin with the part of its code that log.md §12 gives to a bad leaf:
``unknown_type`` or ``field``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

from attest.errors import LeafMalformed

VERSION: Final = 1
TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_GROUPS: Final = ("id", "biz", "loc")
_TRIP: Final = re.compile(r"t[0-9a-f]{32}")
# 32 bytes in the one spelling of strict64: the last letter has no spare bits.
_HASH: Final = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
_WORD: Final = re.compile(r"[a-z][a-z0-9-]*")


def expect_form(leaf: Mapping[str, Any]) -> None:
    """Refuse an unknown type, field or version, and a field that holds anything else."""
    form = _form_of(leaf)
    if unknown := leaf.keys() - form.must.keys() - form.may.keys():
        raise LeafMalformed(f"field: unknown: {', '.join(sorted(unknown))}")
    if missing := form.must.keys() - leaf.keys():
        raise LeafMalformed(f"field: missing: {', '.join(sorted(missing))}")
    for name, holds in (form.must | form.may).items():
        if name in leaf and not holds(leaf[name]):
            raise LeafMalformed(f"field: {name}")
    _agree(leaf)


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
        return isinstance(value, str) and bool(
            TIME.fullmatch(value) and datetime.fromisoformat(value)
        )
    except ValueError:
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
    if not isinstance(value, list) or any(one not in _GROUPS for one in value):
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
            "group": _is(*_GROUPS),
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
