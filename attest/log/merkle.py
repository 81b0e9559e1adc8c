"""The tree of RFC 6962 over SHA-256: grown leaf by leaf, proofs made and checked.

    leaf    H(00 ‖ entry)
    node    H(01 ‖ left ‖ right)        left: the largest power of two below the size
    empty   H("")

Proofs are made over any ``NodeReader``; checking needs only the hashes in hand and
follows RFC 9162 §2.1.3.2 and §2.1.4.2. A check returns nothing: it passes or raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from attest.errors import ProofRefused

EMPTY = sha256(b"").digest()


class NodeReader(Protocol):
    def node(self, level: int, index: int) -> bytes:
        """The hash over the 2^level leaves from ``index << level`` on."""


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree that remembers only its whole left parts: O(log n) hashes."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count() or not _are_hashes(peaks):
            raise ProofRefused("shape")
        self.size, self._peaks = size, list(peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        return tuple(self._peaks)

    def append(self, leaf_hash: bytes) -> None:
        full = self.size
        while full & 1:
            leaf_hash, full = node_hash(self._peaks.pop(), leaf_hash), full >> 1
        self._peaks.append(leaf_hash)
        self.size += 1

    def root(self) -> bytes:
        return _fold(self._peaks)


def root(nodes: NodeReader, size: int) -> bytes:
    return _subtree(nodes, 0, size)


def inclusion_proof(nodes: NodeReader, *, index: int, size: int) -> tuple[bytes, ...]:
    """From the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise ProofRefused("shape")
    path, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(nodes, middle, stop))
            stop = middle
        else:
            path.append(_subtree(nodes, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(nodes: NodeReader, *, old: int, new: int) -> tuple[bytes, ...]:
    if not 0 <= old <= new:
        raise ProofRefused("shape")
    if old == 0:
        return ()
    path, start, stop = [], 0, new
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_subtree(nodes, middle, stop))
            stop = middle
        else:
            path.append(_subtree(nodes, start, middle))
            start = middle
    # Without a turn to the right the last part is the old root, which the reader holds.
    if start:
        path.append(_subtree(nodes, start, stop))
    return tuple(reversed(path))


def range_proof(
    nodes: NodeReader, *, start: int, stop: int, size: int
) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """The hashes wholly left of *start* and wholly right of *stop*, in tree order."""
    left, right = _around(start, stop, size)
    return (
        tuple(_subtree(nodes, *part) for part in left),
        tuple(_subtree(nodes, *part) for part in right),
    )


def verify_inclusion(
    leaf_hash: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    if not 0 <= index < size or not _are_hashes([leaf_hash, *proof]):
        raise ProofRefused("shape")
    here, at, last = leaf_hash, index, size - 1
    for other in proof:
        if last == 0:
            raise ProofRefused("surplus")
        if at & 1 or at == last:
            here = node_hash(other, here)
            up = _zeros(at)
            at, last = at >> up, last >> up
        else:
            here = node_hash(here, other)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused("shape")
    if here != root:
        raise ProofRefused("inclusion")


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """That the first *old* leaves of the new tree are the old tree, untouched."""
    if not 0 <= old <= new or not _are_hashes([old_root, new_root, *proof]):
        raise ProofRefused("shape")
    if old in {0, new}:
        if proof:
            raise ProofRefused("surplus")
        if old_root != (new_root if old else EMPTY) or (new == 0 and new_root != EMPTY):
            raise ProofRefused("consistency")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofRefused("shape")
    up = _zeros(old)
    at, last = (old - 1) >> up, (new - 1) >> up
    was = now = path[0]
    for other in path[1:]:
        if last == 0:
            raise ProofRefused("surplus")
        if at & 1 or at == last:
            was, now = node_hash(other, was), node_hash(other, now)
            up = _zeros(at)
            at, last = at >> up, last >> up
        else:
            now = node_hash(now, other)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused("shape")
    if (was, now) != (old_root, new_root):
        raise ProofRefused("consistency")


class RangeRoot:
    """The root that leaves from *start* on imply, taken one by one: O(log n) memory."""

    __slots__ = ("_right", "_size", "_stop", "grown")

    def __init__(
        self, *, start: int, stop: int, size: int, left: Sequence[bytes], right: Sequence[bytes]
    ) -> None:
        _same_count(left, right, around=_around(start, stop, size))
        self.grown = Frontier(start, left)
        self._stop, self._size, self._right = stop, size, right

    def append(self, leaf_hash: bytes) -> None:
        if self.grown.size == self._stop or not _are_hashes([leaf_hash]):
            raise ProofRefused("shape")
        self.grown.append(leaf_hash)

    def root(self) -> bytes:
        if self.grown.size != self._stop:
            raise ProofRefused("shape")
        if self._stop == self._size:
            return self.grown.root()
        return _close(self.grown, self._right, self._size)


def range_root(
    leaf_hashes: Iterable[bytes],
    *,
    start: int,
    stop: int,
    size: int,
    left: Sequence[bytes],
    right: Sequence[bytes],
) -> bytes:
    """The root that these leaves imply."""
    found = RangeRoot(start=start, stop=stop, size=size, left=left, right=right)
    for leaf_hash in leaf_hashes:
        found.append(leaf_hash)
    return found.root()


def verify_range(
    leaf_hashes: Iterable[bytes],
    *,
    start: int,
    stop: int,
    size: int,
    left: Sequence[bytes],
    right: Sequence[bytes],
    root: bytes,
) -> None:
    found = range_root(leaf_hashes, start=start, stop=stop, size=size, left=left, right=right)
    if found != root:
        raise ProofRefused("range_root")


def perfect(hashes: bytes) -> bytes:
    """The root over a power of two of joined hashes."""
    while len(hashes) > 32:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, len(hashes), 64)]
        )
    return hashes


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _zeros(number: int) -> int:
    """How many zero bits *number* ends in; none for 0, which has no bit to stop at."""
    return (number & -number).bit_length() - 1 if number else 0


def _are_hashes(hashes: Iterable[bytes]) -> bool:
    return all(len(one) == 32 for one in hashes)


def _fold(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY
    *rest, here = peaks
    for peak in reversed(rest):
        here = node_hash(peak, here)
    return here


def _subtree(nodes: NodeReader, start: int, stop: int) -> bytes:
    peaks = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        peaks.append(nodes.node(level, start >> level))
        start += 1 << level
    return _fold(peaks)


Part = tuple[int, int]


def _around(start: int, stop: int, size: int) -> tuple[list[Part], list[Part]]:
    if not 0 <= start < stop <= size:
        raise ProofRefused("shape")
    left, right, waiting = [], [], [(0, size)]
    while waiting:
        a, b = waiting.pop()
        if b <= start:
            left.append((a, b))
        elif a >= stop:
            right.append((a, b))
        elif a < start or b > stop:
            middle = a + _split(b - a)
            waiting += [(middle, b), (a, middle)]
    return left, right


def _same_count(
    left: Sequence[bytes],
    right: Sequence[bytes],
    *,
    around: tuple[list[Part], list[Part]],
) -> None:
    for given, due in zip((left, right), around, strict=True):
        if len(given) > len(due):
            raise ProofRefused("surplus")
        if len(given) < len(due) or not _are_hashes(given):
            raise ProofRefused("shape")


def _close(grown: Frontier, right: Sequence[bytes], size: int) -> bytes:
    """Walk the tree of *size* once: a part is a peak, a given hash, or two parts."""
    peaks, given = iter(grown.peaks), iter(right)

    def over(a: int, b: int) -> bytes:
        if b <= grown.size:
            return next(peaks)
        if a >= grown.size:
            return next(given)
        middle = a + _split(b - a)
        return node_hash(over(a, middle), over(middle, b))

    return over(0, size)
