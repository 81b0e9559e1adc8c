"""Reads of the log: nothing beyond the last published checkpoint is served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from attest.log.leaf import read_leaf
from attest.log.tiles import ENTRIES, WIDTH, TileName, bundle
from ledger.models import (
    AccessSubject,
    Anchor,
    Checkpoint,
    Leaf,
    Objection,
    Outbox,
    Published,
    Revoked,
    Tile,
    TripHead,
    Witness,
)

# So many leaves are asked for in one question.
_AT_ONCE = 500


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def anchors_up_to(size: int) -> list[Anchor]:
    """The newest time stamps of heads of at most *size* leaves."""
    stamps = Anchor.objects.filter(kind=Anchor.Kind.STAMP, size__lte=size)
    return list(stamps.order_by("-size", "-at")[:20])


def seen_before(size: int, *, sizes: Sequence[int]) -> list[Checkpoint]:
    """The newest heads below *size* leaves that a witness has cosigned, and those of *sizes*."""
    cosigned = Anchor.objects.filter(kind=Anchor.Kind.WITNESS).values("size")
    heads = Checkpoint.objects.filter(Q(size__in=sizes) | Q(size__in=cosigned), size__lt=size)
    return list(heads.order_by("-size")[:40])


def witness_of(token: str) -> Witness | None:
    """Who shows *token*: a witness that is named, and let in."""
    digest = sha256(token.encode()).digest()
    return Witness.objects.filter(active=True, token=digest).first() if token else None


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


def deeds_of(log_ids: Iterable[str]) -> dict[str, list[str]]:
    """What the leaves of each trip say was done (``t`` of log.md §3), in no order."""
    lines = {
        head.pk: [bytes(head.hashes)[at : at + 32] for at in range(0, len(head.hashes), 32)]
        for head in TripHead.objects.filter(pk__in=list(log_ids))
    }
    wanted = [one for hashes in lines.values() for one in hashes]
    said: dict[bytes, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        # Of the outbox first: a leaf that is placed meanwhile is found on the other side.
        for rows in (Outbox.objects.all(), Leaf.objects.all()):
            found = rows.filter(leaf_hash__in=some).values_list("leaf_hash", "entry")
            said |= {bytes(digest): str(read_leaf(bytes(entry))["t"]) for digest, entry in found}
    return {name: [said[one] for one in hashes if one in said] for name, hashes in lines.items()}


def published_tile(name: TileName) -> bytes | None:
    """The hashes of *name*, if the newest checkpoint covers all of them."""
    if name.level == ENTRIES or not _is_covered(name):
        return None
    row = Tile.objects.only("data").get(level=name.level, n=name.index)
    return bytes(row.data)[: 32 * name.width]


def published_entries(name: TileName) -> bytes | None:
    """The entries of *name* as a C2SP entry bundle, if the newest checkpoint covers them."""
    if name.level != ENTRIES or not _is_covered(name):
        return None
    first = name.index * WIDTH
    rows = Leaf.objects.filter(index__gte=first, index__lt=first + name.width).order_by("index")
    return bundle(bytes(entry) for entry in rows.values_list("entry", flat=True))


def _is_covered(name: TileName) -> bool:
    checkpoint = newest_checkpoint()
    size = checkpoint.size if checkpoint else 0
    level = 0 if name.level == ENTRIES else int(name.level)
    return name.index * WIDTH + name.width <= size >> (8 * level)


def waiting_leaves() -> int:
    return Outbox.objects.count()


def diary_of(person_id: int) -> QuerySet[AccessSubject]:
    """Who looked at this person, newest first."""
    looks = AccessSubject.objects.filter(person=person_id).select_related(
        "access__actor__department", "objection"
    )
    return looks.order_by("-access__at", "-pk")


def revoked_among(ctis: Iterable[bytes]) -> set[bytes]:
    """Those of *ctis* that stand on the status list, or wait for it."""
    found = Revoked.objects.filter(cti__in=list(ctis)).values_list("cti", flat=True)
    return {bytes(cti) for cti in found}


def new_in_diary(person_id: int, *, since: datetime | None) -> int:
    """How many looks came after *since*; all of them where nothing was read yet."""
    looks = AccessSubject.objects.filter(person=person_id)
    return (looks.filter(access__at__gt=since) if since else looks).count()


def objections_for(organisation_id: int, *, reader_id: int) -> QuerySet[Objection]:
    """Those of the office that *reader_id* may answer: they neither looked nor object."""
    rows = Objection.objects.filter(look__person__organisation=organisation_id)
    rows = rows.exclude(look__access__actor=reader_id).exclude(look__person=reader_id)
    return rows.select_related("look__person__department", "look__access__actor__department")


def published(kind: Published.Kind) -> Published | None:
    """A document for everybody, its content left unread; none before the first."""
    return Published.objects.defer("document").filter(pk=kind, seq__gt=0).first()
