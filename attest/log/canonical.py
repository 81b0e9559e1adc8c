"""Canonical JSON of leaves and of what they commit to (log.md §3).

RFC 8785 restricted: one object; keys ``[a-z][a-z0-9_]*``, sorted, unique; text in NFC
without control characters; integers within ±(2⁵³−1); booleans; arrays. No null, no fraction.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from attest.errors import LeafMalformed

MOST = 2**53 - 1
_KEY = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_DEPTH = 32


def canonical(value: Mapping[str, Any]) -> bytes:
    if not isinstance(value, Mapping):
        raise LeafMalformed("the top is not an object")
    _check(value, depth=0)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def parse_canonical(raw: bytes) -> dict[str, Any]:
    """The object whose canonical form is exactly *raw*."""
    try:
        value = json.loads(
            raw.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as wrong:
        raise LeafMalformed("not JSON") from wrong
    if not isinstance(value, dict) or canonical(value) != raw:
        raise LeafMalformed("not in canonical form")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _check(value: Any, *, depth: int) -> None:
    if depth > _DEPTH:
        raise LeafMalformed("nested too deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if type(key) is not str or not _KEY.fullmatch(key):
                raise LeafMalformed("a key outside [a-z0-9_]")
            _check(inner, depth=depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth=depth + 1)
    else:
        _check_plain(value)


def _check_plain(value: Any) -> None:
    # By exact type: True is an int to Python, and not to a log.
    if type(value) is bool:
        return
    if type(value) is int:
        if abs(value) > MOST:
            raise LeafMalformed("an integer out of range")
    elif isinstance(value, str):
        _check_text(value)
    else:
        raise LeafMalformed("only text, integers, booleans, lists and objects")


def _check_text(text: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise LeafMalformed("text not in NFC")
    for letter in text:
        code = ord(letter)
        if (
            (code < 0x20 and letter != "\n")
            or 0x7F <= code < 0xA0
            or 0xD800 <= code < 0xE000
        ):
            raise LeafMalformed("a control character or lone surrogate")
