"""A refusal comes no sooner than another: how long it took says nothing about why (token.md §8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

FLOOR_S = 0.005


@contextmanager
def evenly() -> Iterator[None]:
    """What is refused within takes five milliseconds at least; what is answered, what it takes."""
    start = monotonic()
    try:
        yield
    except Exception:
        sleep(max(0.0, start + FLOOR_S - monotonic()))
        raise
