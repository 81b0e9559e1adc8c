"""The rule sets sums are computed by: those that are shipped, and those the office released.

Released ones are rows of the clerk's room, which stands above this one: it hands in where to
read them. A release begins later than any process keeps what it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from attest.allowance import RuleSets, read_sets
from attest.commands.shipped import shipped

KEPT_S = 60.0

Source = Callable[[], Sequence[str]]


@dataclass(slots=True)
class _Shelf:
    source: Source = tuple
    read_s: float = 0.0
    texts: tuple[str, ...] | None = None
    sets: RuleSets | None = None


_shelf = _Shelf()


def also(source: Source) -> None:
    """Ask *source* for released texts as well, at most once a minute."""
    _shelf.source = source
    forget()


def forget() -> None:
    _shelf.texts, _shelf.sets = None, None


def rule_texts() -> tuple[str, ...]:
    """Every text there is, a later one after the earlier ones."""
    if _shelf.texts is None or monotonic() - _shelf.read_s > KEPT_S:
        texts = (*shipped(), *_shelf.source())
        if texts != _shelf.texts:
            _shelf.texts, _shelf.sets = texts, None
        _shelf.read_s = monotonic()
    return _shelf.texts


def rule_sets() -> RuleSets:
    texts = rule_texts()
    if _shelf.sets is None:
        _shelf.sets = read_sets(texts)
    return _shelf.sets
