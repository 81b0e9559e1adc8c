"""Reads of the log: nothing beyond the last published checkpoint is served."""

from __future__ import annotations


from django.db.models import QuerySet

from ledger.models import AccessSubject, Checkpoint, Head, Leaf, Outbox


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def published_leaf(leaf_hash: bytes, *, size: int) -> Leaf | None:
    return Leaf.objects.filter(leaf_hash=leaf_hash, index__lt=size).first()


def log_trouble() -> str:
    """What is wrong with the log, in one line; empty when nothing is."""
    head, checkpoint = Head.objects.first(), newest_checkpoint()
    if head and (checkpoint is None or checkpoint.size < head.size):
        signed = checkpoint.size if checkpoint else 0
        return f"{head.size} leaves, {signed} signed"
    return ""


def waiting_leaves() -> int:
    return Outbox.objects.count()


def diary_of(person_id: int) -> QuerySet[AccessSubject]:
    """Who looked at this person, newest first."""
    looks = AccessSubject.objects.filter(person=person_id).select_related(
        "access__actor__department"
    )
    return looks.order_by("-access__at", "-pk")


