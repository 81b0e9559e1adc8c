"""How long work tells how far it is: what is done, of how many; of nobody knows how many: 0."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """Nobody waits to hear."""
