"""A stretch of the log for a bundle: its leaves with their openings, and what else is needed.

Whoever calls has written the diary first; nothing here asks who looks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

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


def stretch_of(opened: QuerySet[Any, Any], heads: QuerySet[TripHead], *, size: int) -> Span | None:
    """The smallest [a, b) that holds every leaf of some trips, or none; in three questions.

    *opened*: the hashes of their first leaves, *heads*: of their last. Where one of these still
    waits for its place, b is *size*, how many leaves have one.
    """
    first = Leaf.objects.filter(leaf_hash__in=opened).aggregate(Min("index"))["index__min"]
    if first is None:
        return None
    ends = Leaf.objects.filter(leaf_hash__in=heads.values("leaf_hash"))
    last = ends.aggregate(last=Max("index"), placed=Count("index"))
    whole = last["placed"] == heads.count()
    return first, (last["last"] + 1 if whole else size)


def deeds_since(size: int) -> Iterator[list[dict[str, Any]]]:
    """What was done to trips behind the first *size* leaves, some at a time: leaves in no order.

    Those that wait for their place first: one that gets it meanwhile is then seen there.
    """
    for rows, after in ((Outbox.objects.all(), 0), (Leaf.objects.all(), size - 1)):
        ordered, last = rows.order_by("pk").values_list("pk", "entry"), after
        while page := list(ordered.filter(pk__gt=last)[:_AT_ONCE]):
            leaves = [parse_canonical(bytes(entry)) for _, entry in page]
            yield [leaf for leaf in leaves if "trip" in leaf]
            last = page[-1][0]


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
