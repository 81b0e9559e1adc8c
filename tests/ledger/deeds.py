"""Deeds to be logged, and the log as an auditor would compute it anew."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from attest.log.leaf import ConfigChanged, Heartbeat, TripOpened, build, read_leaf
from attest.log.proof import Checkpoint as Signed
from attest.log.proof import open_checkpoint
from ledger.models import Checkpoint, Head, Leaf, Outbox
from ledger.outbox import Entry, TripLine
from ledger.services.append import append
from ledger.signer import trust
from tests.attest.log.naive import Naive
from tests.conftest import NOON

LINE = TripLine("t" + "0a" * 16, "p00000001", "2026-11")
OTHER = TripLine("t" + "0b" * 16, "p00000002", "2026-11")
WHO = {"actor": "p00000001"}


def setting(name: str = "a setting", at: datetime = NOON) -> Entry:
    """A deed of no trip; two of them never have the same leaf."""
    with transaction.atomic():
        return append(
            event=ConfigChanged(subject="setting", name=name, who=WHO), at=at, subject="org-1"
        )


def wait_in_line(count: int, at: datetime = NOON) -> None:
    """As if *count* deeds, a millisecond apart, had left their entries."""
    leaves = [
        (build(Heartbeat(every=1), at=then, salts={}), then)
        for then in (at + timedelta(milliseconds=n) for n in range(count))
    ]
    Outbox.objects.bulk_create(
        Outbox(entry=leaf.entry, leaf_hash=leaf.hash, at=then) for leaf, then in leaves
    )


def opened(trip: TripLine = LINE, at: datetime = NOON) -> Entry:
    with transaction.atomic():
        return append(event=TripOpened(who=WHO, what={"area": "in"}), at=at, trip=trip)


def said(row: Leaf | Outbox) -> dict[str, Any]:
    return read_leaf(bytes(row.entry))


def types() -> list[str]:
    """What the log tells of, in its order."""
    return [str(json.loads(bytes(row.entry))["t"]) for row in Leaf.objects.order_by("index")]


def naive() -> Naive:
    """The tree over the leaf rows, by the definition."""
    return Naive([bytes(row.leaf_hash) for row in Leaf.objects.order_by("index")])


def published() -> Signed:
    """The newest checkpoint, opened with the log's own public keys."""
    return open_checkpoint(Checkpoint.objects.order_by("-size")[0].note, trust())


def expect_a_whole_log() -> None:
    """Rows, tree and signature agree, and nothing waits."""
    rows, head, tree = list(Leaf.objects.order_by("index")), Head.objects.get(), naive()
    size = len(rows)
    assert [row.index for row in rows] == list(range(size))
    assert not Outbox.objects.exists()
    assert (head.size, bytes(head.root)) == (size, tree.tree_hash(0, size))
    assert (published().size, published().root) == (size, bytes(head.root))
