"""A stretch of the log for a bundle: its leaves with their openings, and what else is needed.

Whoever calls has written the diary first; nothing here asks who looks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from django.db.models import Count, Max, Min

from attest.bundle.content import Opened, Support
from attest.errors import KeyGone
from attest.log.leaf import Erased, parse_canonical, read_leaf
from attest.log.tiles import Tree
from ledger.models import Landmark, Leaf, Opening, Outbox, TripHead
from vault.sealed import KeyName, unseal_opening

Span = tuple[int, int]
_AT_ONCE = 500
_SHUT = frozenset({"id", "biz", "loc"})


# Of some log ids, those that are asked for.
Wanted = Callable[[Collection[str]], Collection[str]]


def stretch_of(trips: Iterable[Sequence[str]]) -> Span | None:
    """The smallest [a, b) that holds every leaf of *trips* (log ids, some at a time), or none."""
    found: Span | None = None
    for some in trips:
        heads = TripHead.objects.filter(pk__in=some).values_list("hashes", flat=True)
        lines = [bytes(one) for one in heads]
        # The leaves of a trip stand in their order: of most, the first and the last say it all.
        ends = {hashed for line in lines for hashed in (line[:32], line[-32:])}
        held, placed = _span_of(ends)
        if placed < len(ends):
            # One waits for its place: the last that has one is somewhere before it.
            held, _ = _span_of(
                line[at : at + 32] for line in lines for at in range(0, len(line), 32)
            )
        found = _both(found, held)
    return found


def _span_of(hashes: Iterable[bytes]) -> tuple[Span | None, int]:
    """Where the leaves of *hashes* stand, from the first to behind the last; and how many do."""
    found: Span | None = None
    count, coming = 0, iter(hashes)
    while some := list(islice(coming, _AT_ONCE)):
        ends = Leaf.objects.filter(leaf_hash__in=some).aggregate(
            first=Min("index"), last=Max("index"), count=Count("index")
        )
        count += ends["count"]
        if ends["count"]:
            found = _both(found, (ends["first"], ends["last"] + 1))
    return found, count


def _both(one: Span | None, other: Span | None) -> Span | None:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def opened_leaves(
    start: int, stop: int, *, size: int, wanted: Wanted, groups: Collection[str]
) -> Iterator[Opened]:
    """Leaves of *wanted* trips with *groups* open; every other leaf is sealed whole.

    What an erasure below *size* covers is shut as erased, asked for or not.
    """
    gone = _erased(size)
    for first in range(start, stop, _AT_ONCE):
        rows = Leaf.objects.filter(index__gte=first, index__lt=min(stop, first + _AT_ONCE))
        leaves = [
            (row.index, bytes(row.entry), bytes(row.leaf_hash)) for row in rows.order_by("index")
        ]
        said = {hashed: parse_canonical(entry) for _, entry, hashed in leaves}
        trips = wanted({leaf["trip"] for leaf in said.values() if "trip" in leaf})
        openings = _openings([h for h, leaf in said.items() if leaf.get("trip") in trips], groups)
        for index, entry, hashed in leaves:
            committed = sorted(_SHUT & said[hashed].keys())
            if said[hashed].get("trip") not in trips:
                yield Opened(index, entry, {}, dict.fromkeys(committed, "sealed"))
                continue
            shown = openings.get(hashed, {})
            shut = {
                g: "erased" if g in groups or _within(gone.get(g, ()), index) else "withheld"
                for g in committed
                if g not in shown
            }
            yield Opened(index, entry, shown, shut)


def support_of(tree: Tree, *, start: int, stop: int, also: Sequence[bytes]) -> Iterator[Support]:
    """The first leaf, every landmark and *also* (hashes), where they lie outside the range."""
    hashes = [*map(bytes, Landmark.objects.values_list("leaf_hash", flat=True)), *also]
    found: dict[int, bytes] = {}
    for at in range(0, len(hashes), _AT_ONCE):
        rows = Leaf.objects.filter(leaf_hash__in=hashes[at : at + _AT_ONCE], index__lt=tree.size)
        found |= {index: bytes(entry) for index, entry in rows.values_list("index", "entry")}
    found |= {0: bytes(Leaf.objects.get(index=0).entry)}
    for index in sorted(found):
        if not start <= index < stop:
            yield Support(index, found[index], tree.inclusion(index))


def _openings(hashes: Sequence[bytes], groups: Collection[str]) -> Mapping[bytes, dict[str, bytes]]:
    found: dict[bytes, dict[str, bytes]] = {}
    for row in Opening.objects.filter(leaf_hash__in=hashes, group__in=groups):
        hashed = bytes(row.leaf_hash)
        try:
            plain = unseal_opening(
                bytes(row.nonce), bytes(row.sealed), key=KeyName.read(row.dek), leaf_hash=hashed
            )
        except KeyGone:
            # Its key was destroyed: that is what an erasure is.
            continue
        found.setdefault(hashed, {})[row.group] = plain
    return found


def _erased(size: int) -> dict[str, list[Span]]:
    """By group: what the erasures among the first *size* leaves cover, ascending."""
    hashes = Landmark.objects.filter(t=Erased.t).values("leaf_hash")
    rows = Leaf.objects.filter(leaf_hash__in=hashes, index__lt=size)
    found: dict[str, list[Span]] = {}
    for entry in rows.values_list("entry", flat=True).iterator():
        leaf = read_leaf(bytes(entry))
        found.setdefault(leaf["group"], []).extend((a, b) for a, b in leaf["ranges"])
    return {group: sorted(spans) for group, spans in found.items()}


def _within(spans: Sequence[Span], index: int) -> bool:
    """Spans of one group may come twice: after a restore what was erased is erased again."""
    at = bisect_right(spans, (index, 1 << 62))
    return at > 0 and any(index < stop for _, stop in spans[max(0, at - 2) : at])


def erased_since(size: int, start: int, stop: int, *, groups: Collection[str]) -> bool:
    """Whether any of *groups* in [*start*, *stop*) was erased after the first *size* leaves."""
    hashes = Landmark.objects.filter(t=Erased.t).values("leaf_hash")
    placed = Leaf.objects.filter(leaf_hash__in=hashes, index__gte=size)
    waiting = Outbox.objects.filter(leaf_hash__in=hashes)
    for rows in (placed, waiting):
        for entry in rows.values_list("entry", flat=True):
            leaf = read_leaf(bytes(entry))
            if leaf["group"] in groups and any(a < stop and start < b for a, b in leaf["ranges"]):
                return True
    return False
