"""Who outside has seen the log, how far, and what nobody has seen yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from attest.errors import LogInconsistent
from attest.log.leaf import read_leaf, read_time
from ledger.models import Anchor, Checkpoint, Leaf
from ledger.selectors import newest_checkpoint
from ledger.sequencer import run


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log goes, the last anchor somebody else vouches for, and the rest.

    *since*: when the first leaf that it does not cover was written; none where it covers all.
    """

    size: int
    note: str
    anchor: Anchor | None
    since: datetime | None

    @property
    def uncovered(self) -> int:
        return self.size - (self.anchor.size if self.anchor else 0)


def standing() -> Standing | None:
    """None before the first head."""
    if (newest := newest_checkpoint()) is None:
        return None
    seen = Anchor.objects.filter(kind__in=Anchor.INDEPENDENT).order_by("-size", "-at").first()
    first = Leaf.objects.filter(index=seen.size if seen else 0).first()
    since = read_time(read_leaf(bytes(first.entry))["at"]) if first else None
    covered = seen is not None and seen.size >= newest.size
    return Standing(newest.size, newest.note, seen, None if covered else since)


def newest_anchors(most: int) -> list[Anchor]:
    """Of every kind, the newest first, without what is kept of them."""
    return list(Anchor.objects.defer("blob").order_by("-at", "-pk")[:most])


def last_of(witness: str) -> int:
    """How many leaves *witness* had cosigned when it was last seen here; 0 for never."""
    rows = Anchor.objects.filter(kind=Anchor.Kind.WITNESS).order_by("-size")
    for row in rows[:1_000]:
        if name_of(row) == witness:
            return row.size
    return 0


def name_of(anchor: Anchor) -> str:
    """Whose line it is; empty for what is no line."""
    if anchor.kind != Anchor.Kind.WITNESS:
        return ""
    return bytes(anchor.blob).decode().split(" ")[1]


def head_now(now: datetime) -> Checkpoint:
    """The newest head, with all that waited in it."""
    run(now=now)
    if (newest := newest_checkpoint()) is None:
        raise LogInconsistent("there is no head yet")
    return newest


def remember_copy(row: Checkpoint, *, kind: Anchor.Kind, where: str, at: datetime) -> None:
    """That a copy went out: no anchor by itself, whoever keeps it makes it one.

    *where* is an address, which may be a person's: it is hashed, and not kept.
    """
    digest = sha256(f"{where}\n{row.note}".encode()).digest()
    said = {"blob": row.note.encode(), "at": at}
    Anchor.objects.get_or_create(size=row.size, kind=kind, digest=digest, defaults=said)
