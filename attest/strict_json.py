"""JSON text as a value, or the first thing that is wrong with it.

Stricter than the library: no NaN, no field twice, no lone surrogate, no deep nest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import NoReturn

from .contract import Misfit

Hook = Callable[[list[tuple[str, object]]], object]

# Below what any Python can recurse, and far above what any contract here nests.
_DEEPEST = 500
# A whole number longer than this lies outside every range; Python refuses to read some.
_DIGITS = 40
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def parsed(raw: str | bytes) -> object:
    """The value *raw* spells; ``not-json`` is said before ``duplicate-field``."""
    text = _text(raw)
    twice: list[str] = []

    def gathered(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice.append("here")
        return found

    value, readable = _loaded(text, gathered)
    if not readable or ("\\u" in text and _half_a_letter(text)):
        raise Misfit("not-json")
    if twice:
        raise Misfit("duplicate-field")
    return value


def _text(raw: str | bytes) -> str:
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        text.encode()
    except UnicodeError:
        text = ""
    # Not raised above: the error would carry the whole text along, positions and all.
    if not text or _too_deep(text):
        raise Misfit("not-json")
    return text


def _loaded(text: str, hook: Hook) -> tuple[object, bool]:
    try:
        value = json.loads(
            text,
            object_pairs_hook=hook,
            parse_constant=_no_constant,
            parse_int=_whole,
        )
    except (ValueError, RecursionError):
        return None, False
    return value, True


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(digits: str) -> int:
    return int(digits[:_DIGITS])


def _too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > _DEEPEST:
            return True
    return False


def _half_a_letter(text: str) -> bool:
    # Read again with every pair kept: a field given twice may hide one.
    pairs, _ = _loaded(text, list)
    return any("\ud800" <= letter <= "\udfff" for said in _strings(pairs) for letter in said)


def _strings(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list | tuple):
            waiting.extend(one)
