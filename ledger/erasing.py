"""What an erasure is to the log: a leaf that names ranges and a rule, and openings that are gone.

All of it in the caller's transaction (log.md §10):

    erasure leaf ─ openings deleted ─ columns emptied ─ their data keys doomed ─── commit
                                                                   │
    afterwards, as often as it takes:          files of doomed keys destroyed, database wiped

Killed before the commit nothing happened; killed after it, what is left to do stands in
``Doomed``. The leaves themselves are never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from attest.log.leaf import Erased
from ledger.models import Doomed, Leaf, Opening
from ledger.outbox import put

# As many ranges as surely fit into one leaf.
MOST_RANGES = 120
_AT_ONCE = 500


def openings_of(hashes: Sequence[bytes], *, group: str) -> dict[bytes, str]:
    """Which of the leaves *hashes* still open their *group*, and under which data key."""
    found: dict[bytes, str] = {}
    for at in range(0, len(hashes), _AT_ONCE):
        rows = Opening.objects.filter(leaf_hash__in=hashes[at : at + _AT_ONCE], group=group)
        found |= {bytes(hashed): key for hashed, key in rows.values_list("leaf_hash", "dek")}
    return found


def places_of(hashes: Collection[bytes]) -> dict[bytes, int]:
    """Where those of *hashes* stand in the log that have their place already."""
    wanted = list(hashes)
    found: dict[bytes, int] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        rows = Leaf.objects.filter(leaf_hash__in=wanted[at : at + _AT_ONCE])
        found |= {bytes(hashed): index for hashed, index in rows.values_list("leaf_hash", "index")}
    return found


def erase_openings(
    placed: Mapping[bytes, int],
    *,
    group: str,
    reason: str,
    policy: str,
    who: Mapping[str, str],
    subject: str,
    at: datetime,
) -> int:
    """Say in the log that *group* of these leaves is gone, and let it be gone; how many leaves."""
    spans = list(_spans(placed.values()))
    for start in range(0, len(spans), MOST_RANGES):
        some = spans[start : start + MOST_RANGES]
        event = Erased(
            group=group,
            ranges=some,
            count=sum(stop - first for first, stop in some),
            reason=reason,
            policy=policy,
            who=dict(who),
        )
        put(event=event, at=at, subject=subject)
    hashes = iter(placed)
    while some_hashes := list(islice(hashes, _AT_ONCE)):
        Opening.objects.filter(leaf_hash__in=some_hashes, group=group).delete()
    return len(placed)


def doom(keys: Iterable[str], *, at: datetime) -> None:
    """These data keys sealed what is erased now: they go once nothing needs them any more."""
    for key in sorted(set(keys)):
        Doomed.objects.update_or_create(
            key=key, defaults={"since": at, "destroyed_at": None, "wiped_at": None}
        )


def _spans(indexes: Iterable[int]) -> Iterator[list[int]]:
    """Ascending, apart, as few as there can be."""
    span: list[int] = []
    for index in sorted(indexes):
        if span and span[1] == index:
            span[1] += 1
            continue
        if span:
            yield span
        span = [index, index + 1]
    if span:
        yield span
