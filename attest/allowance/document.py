"""One JSON document of a contract: no key twice, no NaN, within the limits."""

from __future__ import annotations

import json
from collections.abc import Iterable

BYTES_LIMIT = 8 * 1024 * 1024
CLAIMS_LIMIT = 10_000


def read_json(text: str | bytes) -> object:
    """What *text* spells, or ``ValueError``."""
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > BYTES_LIMIT:
        raise ValueError("over the limits")
    try:
        said: object = json.loads(
            raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except RecursionError as wrong:
        raise ValueError("nested too deeply") from wrong
    if isinstance(said, list) and len(said) > CLAIMS_LIMIT:
        raise ValueError("over the limits")
    return said


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    # Of two equal keys one would win unseen: two programs could read two sums.
    said: dict[str, object] = {}
    for name, value in pairs:
        if name in said:
            raise ValueError("a repeated key")
        said[name] = value
    return said


def _no_constant(name: str) -> object:
    raise ValueError(name)
