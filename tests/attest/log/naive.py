"""The tree as RFC 6962 §2.1 defines it: by recursion, with no care for speed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256

Hashes = Sequence[bytes]


def _largest_power_below(size: int) -> int:
    power = 1
    while power * 2 < size:
        power *= 2
    return power


class Naive:
    """Also a reader of nodes, for the functions under test."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self.tree_hash = cache(self._tree_hash)

    def node(self, level: int, index: int) -> bytes:
        return self.tree_hash(index << level, (index + 1) << level)

    def _tree_hash(self, start: int, stop: int) -> bytes:
        if start == stop:
            return sha256(b"").digest()
        if stop - start == 1:
            return self.hashes[start]
        middle = start + _largest_power_below(stop - start)
        both = self.tree_hash(start, middle) + self.tree_hash(middle, stop)
        return sha256(b"\x01" + both).digest()

    def path(self, index: int, start: int, stop: int) -> list[bytes]:
        if stop - start == 1:
            return []
        middle = start + _largest_power_below(stop - start)
        if index < middle:
            return [*self.path(index, start, middle), self.tree_hash(middle, stop)]
        return [*self.path(index, middle, stop), self.tree_hash(start, middle)]

    def proof(self, old: int, new: int) -> list[bytes]:
        return self._subproof(old, 0, new, known=1) if old else []

    def _subproof(self, old: int, start: int, stop: int, *, known: int) -> list[bytes]:
        if old == stop:
            return [] if known else [self.tree_hash(start, stop)]
        middle = start + _largest_power_below(stop - start)
        if old <= middle:
            below = self._subproof(old, start, middle, known=known)
            return [*below, self.tree_hash(middle, stop)]
        below = self._subproof(old, middle, stop, known=0)
        return [*below, self.tree_hash(start, middle)]
