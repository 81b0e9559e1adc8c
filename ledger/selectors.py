"""Reads of the log: nothing beyond the last published checkpoint is served."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ledger.models import AccessSubject, Checkpoint, Leaf, Outbox, Published


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def published_leaf(leaf_hash: bytes, *, size: int) -> Leaf | None:
    return Leaf.objects.filter(leaf_hash=leaf_hash, index__lt=size).first()


def entry_of(column: str) -> Coalesce:
    """For a query over rows that name a leaf: its entry, waiting or placed; none if there is none.

    *column* holds the leaf hash. One statement sees the leaf on one side or on the other,
    however busy the sequencer is.
    """
    waiting = Outbox.objects.filter(leaf_hash=OuterRef(column)).values("entry")
    placed = Leaf.objects.filter(leaf_hash=OuterRef(column)).values("entry")
    return Coalesce(Subquery(waiting[:1]), Subquery(placed[:1]))


def waiting_leaves() -> int:
    return Outbox.objects.count()


def diary_of(person_id: int) -> QuerySet[AccessSubject]:
    """Who looked at this person, newest first."""
    looks = AccessSubject.objects.filter(person=person_id).select_related(
        "access__actor__department"
    )
    return looks.order_by("-access__at", "-pk")


def published(kind: Published.Kind) -> Published | None:
    """A document for everybody, its content left unread; none before the first."""
    return Published.objects.defer("document").filter(pk=kind, seq__gt=0).first()
