"""What an auditor signs for an export, and whether it still holds when the file is made.

The question, how many rows answer it, and the log's head: never the rows themselves, for there
may be a million while somebody waits. What came after that head has a leaf behind it; so the
worker, which has the time, finds whether any row moved since. One thing has no leaf: a draft that
was given back is written over. How often that was done to which rows is signed with the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from accounts.models import Person
from attest.errors import BatchChanged, ExportRefused
from attest.log.leaf import canonical
from attest.log.merkle import EMPTY
from attest.log.strict64 import encode64
from audit.exporting import MOST_ROWS, rows_hash
from audit.models import Export
from audit.selectors import Filter, trips_audited_by
from ledger.models import AccessSubject, Head
from ledger.sequencer import tree
from ledger.stretch import deeds_since

LABEL = b"tripseal/export/1\0"
SHORTEST_REASON = 10
PURPOSES = ("regular-audit", "special-audit", "complaint", "records")
GROUPS = frozenset({"biz", "id", "loc"})
# A head so old that nobody looked at the count just now.
MOST_SINCE = 100_000
# Deeds that bring no trip into a list and change nothing that was paid, unless it is asked for
# by what they do change.
_STILL = frozenset({"checkin", "approval", "correction"})
_BY_DEED = ("place", "state", "verdict", "decided")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an auditor asks for: of which trips, in which shape, and why."""

    asked: Filter
    file_format: str
    purpose: str
    reason: str
    groups: Collection[str] = ("biz", "id")
    parquet: bool = False


def draft_of(auditor: Person, wish: Wish) -> Export:
    """The export as it is asked for, in no row yet; ``ExportRefused`` where there can be none."""
    bundle = wish.file_format == Export.Format.BUNDLE
    if wish.parquet and not bundle:
        raise ExportRefused("a bundle alone has a Parquet view")
    # A form sends other line breaks than its script.
    reason = wish.reason.replace("\r\n", "\n").strip()
    if len(reason) < SHORTEST_REASON or wish.purpose not in PURPOSES:
        raise ExportRefused("an export needs a purpose, and a reason of ten letters")
    groups = set(wish.groups)
    if not groups or groups - GROUPS or ("loc" in groups and not bundle):
        raise ExportRefused("a bundle alone shows exact positions")
    rows = trips_audited_by(auditor, wish.asked).count()
    if not 0 < rows <= MOST_ROWS:
        raise ExportRefused("nothing to export, or more rows than there may be")
    return Export(
        auditor=auditor,
        format=wish.file_format,
        filters=wish.asked.as_dict(),
        groups=sorted(groups),
        parquet=wish.parquet,
        purpose=wish.purpose,
        reason=reason,
        rows=rows,
    )


def head_size() -> int:
    """How many leaves there are: behind them stands whatever happens from now on."""
    head = Head.objects.only("size").first()
    return head.size if head else 0


def expect_fresh(size: int) -> None:
    """``BatchChanged`` unless the log had *size* leaves a short while ago."""
    if not 0 <= head_size() - size <= MOST_SINCE:
        raise BatchChanged("no head of this log, or one of long ago")


def statement_of(export: Export, *, rows: int) -> dict[str, Any]:
    """What is signed, word for word, where *rows* fit what *export* asks for."""
    size = export.head or 0
    return {
        "auditor": export.auditor.ref,
        "filters": export.filters,
        "format": export.format,
        "groups": export.groups,
        "head": size,
        "parquet": export.parquet,
        "purpose": export.purpose,
        # People write reasons as they like; canonical JSON is not for that.
        "reason": encode64(sha256(export.reason.encode()).digest()),
        "revised": encode64(_revised(export)),
        "root": encode64(tree(size).root() if size else EMPTY),
        "rows": rows,
    }


def _revised(export: Export) -> bytes:
    """Over the few rows that were written over since the log knows them, whatever they became."""
    trips = trips_audited_by(export.auditor, Filter.read(export.filters))
    rows = trips.filter(revision__gt=0).order_by("uid").values_list("uid", "revision")
    digest = sha256()
    for uid, revision in rows.iterator():
        digest.update(f"{uid} {revision}\n".encode())
    return digest.digest()


def hash_of(statement: Mapping[str, Any]) -> bytes:
    return sha256(LABEL + canonical(statement)).digest()


def expect_what_was_signed(export: Export) -> None:
    """``BatchChanged`` unless the rows are those that stood at the head that was signed."""
    if not _holds(export):
        raise BatchChanged("the rows are no longer those that were signed")


def _holds(export: Export) -> bool:
    asked = Filter.read(export.filters)
    if export.head is None:
        # Filed before heads were signed; the last of these is gone after a week.
        return rows_hash(export.auditor, asked) == bytes(export.signed)
    trips = trips_audited_by(export.auditor, asked)
    if hash_of(statement_of(export, rows=trips.count())) != bytes(export.signed):
        return False
    told = AccessSubject.objects.filter(access__reference=export.nonce).values("person")
    untold = trips.exclude(traveller__in=told).exclude(traveller=export.auditor_id)
    if untold.exists():
        return False
    narrow = any(getattr(asked, name) for name in _BY_DEED)
    for deeds in deeds_since(export.head):
        moved = {deed["trip"] for deed in deeds if narrow or _moves(deed)}
        if moved and trips.filter(log_id__in=moved).exists():
            return False
    return True


def _moves(deed: Mapping[str, Any]) -> bool:
    """A correction of a trip's own opening may give it other days."""
    return deed["t"] not in _STILL or (deed["t"] == "correction" and deed["of"] == 0)
