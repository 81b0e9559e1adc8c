"""The write path of the log: a leaf, its openings and its place in the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from django.db import connection, transaction

from attest.errors import LogInconsistent
from attest.log.leaf import Event, Leaf, build, groups
from attest.values import month_of
from ledger.models import Opening, Outbox, TripHead
from ledger.sequencer import soon
from vault.sealed import KeyName, seal_opening


@dataclass(frozen=True, slots=True)
class TripLine:
    """The line of leaves of one trip: its random log id, whose data, which month's keys."""

    log_id: str
    subject: str
    month: str


def put(*, event: Event, at: datetime, trip: TripLine | None = None, subject: str = "") -> Leaf:
    """Put *event* into the outbox and say which leaf it will be.

    *subject* names whose keys seal the openings of an event that belongs to no trip.
    """
    if not connection.in_atomic_block:
        raise LogInconsistent("a leaf commits with its deed: open a transaction first")
    leaf = _next_of(trip, event, at) if trip else build(event, at=at, salts=_salts(event))
    line = trip or TripLine("", subject, month_of(at))
    Outbox.objects.create(entry=leaf.entry, leaf_hash=leaf.hash, at=at)
    Opening.objects.bulk_create(_openings(leaf, line))
    transaction.on_commit(soon)
    return leaf


def _next_of(trip: TripLine, event: Event, at: datetime) -> Leaf:
    # Lock, then count: two deeds of one trip pass here one after the other.
    head = TripHead.objects.select_for_update().filter(pk=trip.log_id).first()
    n, pc = (head.n + 1, bytes(head.leaf_hash)) if head else (0, b"")
    leaf = build(event, at=at, salts=_salts(event), trip=trip.log_id, n=n, pc=pc or None)
    hashes = (bytes(head.hashes) if head else b"") + leaf.hash
    if head is None:
        TripHead.objects.create(pk=trip.log_id, n=n, leaf_hash=leaf.hash, hashes=hashes)
    else:
        TripHead.objects.filter(pk=trip.log_id).update(n=n, leaf_hash=leaf.hash, hashes=hashes)
    return leaf


def history_of(trip: TripLine) -> tuple[int, bytes]:
    """How many leaves the trip has, and the digest over them (log.md §3); locks its line."""
    head = TripHead.objects.select_for_update().get(pk=trip.log_id)
    return head.n + 1, sha256(bytes(head.hashes)).digest()


def _salts(event: Event) -> dict[str, bytes]:
    return {group: token_bytes(32) for group in groups(event)}


def _openings(leaf: Leaf, line: TripLine) -> Sequence[Opening]:
    rows = []
    for group, plain in leaf.openings.items():
        key = KeyName(line.subject, line.month, group)
        nonce, sealed = seal_opening(plain, key=key, leaf_hash=leaf.hash)
        rows.append(
            Opening(leaf_hash=leaf.hash, group=group, dek=str(key), nonce=nonce, sealed=sealed)
        )
    return rows
