"""An auditor asks for an export: the reason and the list are in the log before a row is read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.db import transaction

from accounts.models import Person, Role
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import ExportRefused
from attest.log.leaf import ExportRequested, canonical
from audit.bundling import range_for
from audit.exporting import ACTION, MOST_ROWS, PARQUET, is_bulk, rows_hash
from audit.models import Export
from audit.selectors import Filter, trips_audited_by
from ledger.models import Head
from ledger.services.append import append
from ledger.services.disclose import Look, Reader, disclose
from ledger.services.sequence import sequence

SHORTEST_REASON = 10
PURPOSES = ("regular-audit", "special-audit", "complaint", "records")


GROUPS = frozenset({"biz", "id", "loc"})


def ask_export(
    auditor: Person,
    *,
    asked: Filter,
    file_format: str,
    groups: Collection[str] = ("biz", "id"),
    views: Collection[str] = (),
    purpose: str,
    reason: str,
    step_up: Answer,
    address: str,
    now: datetime,
) -> Export:
    """Write request, diary and leaf; the file is read afterwards."""
    if views and file_format != Export.Format.BUNDLE:
        raise ExportRefused("a bundle alone has a Parquet view")
    if file_format == Export.Format.BUNDLE:
        # What waits gets its place first: a bundle names the leaves it will hold.
        sequence(now=now)
    with transaction.atomic():
        export = _ask(
            auditor, asked, file_format, sorted(set(groups)), purpose, reason, step_up, address, now
        )
        export.parquet = PARQUET in views
        export.save(update_fields=["parquet"])
        return export


def _ask(  # every argument is part of the record
    auditor: Person,
    asked: Filter,
    file_format: str,
    groups: list[str],
    purpose: str,
    reason: str,
    step_up: Answer,
    address: str,
    now: datetime,
) -> Export:
    if len(reason.strip()) < SHORTEST_REASON or purpose not in PURPOSES:
        raise ExportRefused("an export needs a purpose, and a reason of ten letters")
    exact = "loc" in groups
    if not groups or set(groups) - GROUPS or (exact and file_format != Export.Format.BUNDLE):
        raise ExportRefused("a bundle alone shows exact positions")
    trips = trips_audited_by(auditor, asked)
    count = trips.count()
    if not 0 < count <= MOST_ROWS:
        raise ExportRefused("nothing to export, or more rows than there may be")
    people = Person.objects.filter(pk__in=trips.order_by().values("traveller"))
    signed = rows_hash(auditor, asked)
    start, stop = _range(auditor, asked, file_format)
    use_step_up(
        auditor,
        step_up_uid=step_up.uid,
        proof=step_up.proof,
        action=ACTION,
        batch_hash=signed,
        now=now,
    )
    export = Export.objects.create(
        auditor=auditor,
        format=file_format,
        filters=asked.as_dict(),
        groups=groups,
        needs_second=is_bulk(rows=count, exact=people.count() if exact else 0),
        start=start,
        stop=stop,
        request_hash=b"",
        signed=signed,
        purpose=purpose,
        reason=reason.strip(),
        nonce="n" + token_hex(16),
        rows=count,
        requested_at=now,
    )
    export.request_hash = append(event=_event(export, auditor), at=now, subject=auditor.ref).hash
    export.save(update_fields=["request_hash"])
    disclose(
        reader=Reader(auditor, Role.AUDITOR, address),
        looks=[Look(person, "position" if exact else "place") for person in people],
        method="report",
        action="export",
        purpose=purpose,
        reason=export.reason,
        reference=export.nonce,
        at=now,
    )
    return export


def _range(auditor: Person, asked: Filter, file_format: str) -> tuple[int, int]:
    """A bundle's own leaves; a plain sheet may speak of all there are."""
    if file_format == Export.Format.BUNDLE:
        return range_for(auditor, asked)
    head = Head.objects.first()
    return 0, head.size if head else 0


def _event(export: Export, auditor: Person) -> ExportRequested:
    return ExportRequested(
        nonce=export.nonce,
        from_=export.start,
        to=export.stop,
        groups=tuple(export.groups),
        purpose=export.purpose,
        scope=sha256(canonical(export.filters)).digest(),
        who={"actor": auditor.ref},
    )
