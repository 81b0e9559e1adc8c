"""The only writer of leaves: gives each outbox row its place, grows the tree, has it signed.

    lock → take ≤ 5,000 rows in id order → leaves, tiles, head → commit → sign → publish

Killed anywhere, the next run goes on: what was committed is signed then, what was not is
still in the outbox (log.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from attest.log.leaf import ClockStepped, ConfigChanged, Event, Heartbeat, build, groups, time_text
from attest.log.merkle import EMPTY
from attest.log.tiles import Tree, extend
from attest.values import KST, month_of
from ledger.models import Anchor, Head, Leaf, Opening, Outbox, Tile
from ledger.placing import place, take_out
from ledger.signer import publish, trust
from vault.sealed import KeyName, seal_opening

MOST = 5_000
SKEW = timedelta(seconds=10)
BEAT = timedelta(hours=1)
PAUSE_S = 0.25
_NUMBER = 0x7472_6970  # "trip": one number for one sequencer per database

_turn = Lock()
_last = 0.0


def soon() -> None:
    """After a deed, where no worker does it: at most every quarter of a second."""
    global _last  # noqa: PLW0603 -- one clock a process
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with _turn:
        if monotonic() - _last < PAUSE_S:
            return
        _last = monotonic()
    run(now=timezone.now())


def run(*, now: datetime) -> int:
    """Give all waiting rows their places and sign the head; how many leaves there are."""
    size = 0
    while True:
        size, taken = _step(now)
        if taken < MOST:
            break
    _sign(now)
    return size


@dataclass(slots=True)
class _Growth:
    """Leaves about to be written, from *size* on."""

    size: int
    latest: datetime
    rows: list[Leaf]
    openings: list[Opening]

    def own(self, event: Event, at: datetime) -> None:
        """A leaf of the log's own: it waited in no outbox."""
        salts = {group: token_bytes(32) for group in groups(event)}
        leaf = build(event, at=at, salts=salts)
        while self._has(leaf.hash):
            # Two steps back to one moment would be one leaf: the second is said a little later.
            at += timedelta(microseconds=1)
            leaf = build(event, at=at, salts=salts)
        for group, plain in leaf.openings.items():
            key = KeyName("org-log", month_of(at), group)
            nonce, sealed = seal_opening(plain, key=key, leaf_hash=leaf.hash)
            self.openings.append(
                Opening(leaf_hash=leaf.hash, group=group, dek=str(key), nonce=nonce, sealed=sealed)
            )
        self._put(leaf.entry, leaf.hash, None)

    def take(self, row: Outbox) -> None:
        if row.at < self.latest - SKEW:
            # Committed late: said before it, never dropped and never moved. From here on
            # time is counted from the late row, or the row itself would run backwards.
            was, is_now = time_text(self.latest), time_text(row.at)
            self.own(ClockStepped(was=was, now=is_now, cause="late-commit"), row.at)
            self.latest = row.at
        self.latest = max(self.latest, row.at)
        self._put(bytes(row.entry), bytes(row.leaf_hash), row.pk)

    def _has(self, leaf_hash: bytes) -> bool:
        here = any(bytes(row.leaf_hash) == leaf_hash for row in self.rows)
        return here or Leaf.objects.filter(leaf_hash=leaf_hash).exists()

    def _put(self, entry: bytes, leaf_hash: bytes, outbox_id: int | None) -> None:
        index = self.size + len(self.rows)
        row = Leaf(index=index, entry=entry, leaf_hash=leaf_hash, outbox_id=outbox_id)
        self.rows.append(row)


@transaction.atomic
def _step(now: datetime) -> tuple[int, int]:
    lock()
    head = Head.objects.first()
    waiting = list(Outbox.objects.order_by("pk")[:MOST])
    if head is None and not waiting:
        return 0, 0
    growth = _growth(head, waiting)
    for row in waiting:
        growth.take(row)
    beat = head.beat_at if head else growth.latest - BEAT
    # Not before the last of those that wait: they are older, and would look late behind it.
    if len(waiting) < MOST and now - beat >= BEAT:
        beating = Heartbeat(every=int(BEAT.total_seconds()), anchor=_anchor())
        growth.own(beating, max(now, growth.latest))
        growth.latest = max(now, growth.latest)
        beat = now
    if growth.rows:
        _write(growth, waiting, beat, has_head=[head] if head else [])
    return growth.size + len(growth.rows), len(waiting)


def _anchor() -> dict[str, Any] | None:
    """Who outside saw the log last: said in the log itself, with every beat."""
    seen = Anchor.objects.filter(kind__in=Anchor.INDEPENDENT).order_by("-size", "-at").first()
    return {"kind": seen.kind, "size": seen.size, "at": time_text(seen.at)} if seen else None


def lock() -> None:
    """On PostgreSQL one sequencer at a time; on SQLite the write lock of the database is that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER])


def _growth(head: Head | None, waiting: Sequence[Outbox]) -> _Growth:
    if head is not None:
        return _Growth(head.size, head.latest_at, [], [])
    at = waiting[0].at
    growth = _Growth(0, at, [], [])
    vkeys = "".join(f"{key.vkey}\n" for key in trust().log)
    start = ConfigChanged(
        subject="log-start",
        name=settings.LOG_ORIGIN,
        sha256=sha256(vkeys.encode()).digest(),
        from_=at.astimezone(KST).date().isoformat(),
        who={"actor": "installation"},
    )
    growth.own(start, at)
    return growth


def _write(
    growth: _Growth, waiting: Iterable[Outbox], beat: datetime, *, has_head: Sequence[Head]
) -> None:
    place(growth.rows)
    Opening.objects.bulk_create(growth.openings)
    take_out([row.pk for row in waiting])
    for (level, n), data in extend(_edge(growth.size), _hashes(growth.rows)).items():
        Tile.objects.update_or_create(level=level, n=n, defaults={"data": data})
    size = growth.size + len(growth.rows)
    said = {
        "size": size,
        "root": tree(size).root() if size else EMPTY,
        "latest_at": growth.latest,
        "beat_at": beat,
    }
    if has_head:
        Head.objects.filter(pk=1).update(**said)
    else:
        Head.objects.create(pk=1, **said)


def put_back(rows: list[Leaf], *, latest: datetime) -> None:
    """Leaves that had their places already, after those there are. In the caller's transaction."""
    lock()
    head = Head.objects.first()
    growth = _Growth(head.size if head else 0, latest, rows, [])
    _write(growth, [], latest, has_head=[head] if head else [])


def _hashes(rows: Iterable[Leaf]) -> list[bytes]:
    return [bytes(row.leaf_hash) for row in rows]


def _edge(size: int) -> dict[int, tuple[int, bytes]]:
    """The last tile of each level of a tree of *size* leaves."""
    edge, level = {}, 0
    while size:
        n = (size - 1) // 256
        edge[level] = (n, read_tile(level, n))
        size, level = size // 256, level + 1
    return edge


def read_tile(level: int, n: int) -> bytes:
    return bytes(Tile.objects.only("data").get(level=level, n=n).data)


def tree(size: int) -> Tree:
    return Tree(read_tile, size)


@transaction.atomic
def _sign(now: datetime) -> None:
    """A transaction after that of the leaves: only what is durable is ever signed."""
    lock()
    head = Head.objects.first()
    if head is not None:
        publish(tree(head.size), origin=settings.LOG_ORIGIN, root=bytes(head.root), now=now)
