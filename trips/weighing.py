"""Which weights judge a touch: the newest released version whose time has come.

The shipped version is in force until an office releases one of its own. A release begins later
than any process keeps what it knows, so that all of them begin together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from time import monotonic
from typing import Any

from django.utils import timezone

from attest.commands.shipped import NEWEST_WEIGHTS, weights_text
from attest.errors import WeightsRefused
from attest.evidence import Weights, read_weights
from trips.models import WeightSet

KEPT_S = 60.0
NOTICE = timedelta(minutes=10)
BYTES_LIMIT = 262_144

# The deed a second administrator signs.
RELEASE = "release-weights"

_VERSION = re.compile(r"[0-9]{4}\.[0-9]{2}-[0-9]{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """Released versions, newest first, as one process read them at *read_s*."""

    read_s: float
    since: tuple[tuple[datetime, str], ...]


_known: Known | None = None


def forget() -> None:
    global _known  # noqa: PLW0603 -- what a process keeps for a minute
    _known = None
    _texts.clear()


def weights() -> Weights:
    """What judges a touch now."""
    return by_version(version_at(timezone.now()))


def version_at(at: datetime) -> str:
    """The version in force at *at*, as far as this process knows since a minute."""
    return next((version for since, version in _released() if since <= at), NEWEST_WEIGHTS)


def _released() -> tuple[tuple[datetime, str], ...]:
    global _known  # noqa: PLW0603
    if _known is None or monotonic() - _known.read_s > KEPT_S:
        rows = WeightSet.objects.exclude(since=None).order_by("-since")
        found = tuple((row.since, row.version) for row in rows.defer("text") if row.since)
        _known = Known(monotonic(), found)
    return _known.since


def by_version(version: str) -> Weights:
    """A shipped or released version; old ones recompute old verdicts. ``WeightsRefused``."""
    return _read(text_of(version))


def text_of(version: str) -> str:
    if (kept := _texts.get(version)) is None:
        kept = _texts[version] = stored(version)
    return kept


# A released text never changes, and there are few.
_texts: dict[str, str] = {}


def stored(version: str) -> str:
    """The text as it lies there, and only if nobody changed it since its release."""
    try:
        return weights_text(version)
    except FileNotFoundError:
        row = WeightSet.objects.exclude(since=None).filter(version=version).first()
    if row is None:
        raise WeightsRefused("unknown") from None
    if sha256(row.text.encode()).digest() != bytes(row.digest):
        raise WeightsRefused("altered")
    return row.text


@cache
def _read(text: str) -> Weights:
    return read_weights(text)


def checked(text: str) -> Weights:
    """*text* as a draft: whole, of a new version, with every rule the code may name.

    Refused with ``WeightsRefused``; its words are ``shape``, ``version``, ``rules`` or ``taken``.
    """
    if len(text.encode()) > BYTES_LIMIT:
        raise WeightsRefused("shape")
    try:
        draft = read_weights(text)
    except ValueError as wrong:
        raise WeightsRefused("shape") from wrong
    if not _VERSION.fullmatch(draft.weights_version):
        raise WeightsRefused("version")
    if _codes(draft) != _codes(read_weights(weights_text())):
        raise WeightsRefused("rules")
    if _taken(draft.weights_version):
        raise WeightsRefused("taken")
    return draft


def _codes(of: Weights) -> set[str]:
    """What a judgement may have to name: a missing one would end a touch in an error."""
    return {*of.support, *of.concern, *of.integrity, *of.notes, *of.policies}


def _taken(version: str) -> bool:
    try:
        weights_text(version)
    except FileNotFoundError:
        return WeightSet.objects.filter(version=version).exists()
    return True


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs; *before* or *after* is empty where there was or is none."""

    where: str
    before: str
    after: str


def changes(before: str, after: str) -> list[Change]:
    """Every value that differs between two versions, by its path."""
    old, new = dict(_flat(json.loads(before))), dict(_flat(json.loads(after)))
    paths = [*old, *(path for path in new if path not in old)]
    return [
        Change(path, old.get(path, ""), new.get(path, ""))
        for path in paths
        if old.get(path) != new.get(path)
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{inner.get('code', number)}]")
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def release_hash(row: WeightSet, since: datetime) -> bytes:
    """What the second administrator signs: these very numbers, from this moment on."""
    said = f"tripseal/weights/1\0{row.version}\0{since.astimezone(UTC).isoformat()}\0".encode()
    return sha256(said + bytes(row.digest)).digest()
