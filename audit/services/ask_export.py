"""An auditor asks for an export: the reason and the list are in the log before a row is read."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.db import transaction

from accounts.models import Person, Role
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import ExportRefused
from attest.log.leaf import ExportRequested, canonical
from audit.exporting import ACTION, MOST_ROWS, rows_hash
from audit.models import Export
from audit.selectors import Filter, trips_audited_by
from ledger.models import Head
from ledger.services.append import append
from ledger.services.disclose import Look, Reader, disclose

SHORTEST_REASON = 10
PURPOSES = ("regular-audit", "special-audit", "complaint", "records")


@transaction.atomic
def ask_export(
    auditor: Person,
    *,
    asked: Filter,
    file_format: str,
    purpose: str,
    reason: str,
    step_up: Answer,
    address: str,
    now: datetime,
) -> Export:
    """Write request, diary and leaf; the file is read afterwards."""
    if len(reason.strip()) < SHORTEST_REASON or purpose not in PURPOSES:
        raise ExportRefused("an export needs a purpose, and a reason of ten letters")
    trips = trips_audited_by(auditor, asked)
    count = trips.count()
    if not 0 < count <= MOST_ROWS:
        raise ExportRefused("nothing to export, or more rows than one person may take")
    signed = rows_hash(auditor, asked)
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
        groups=["biz", "id"],
        signed=signed,
        purpose=purpose,
        reason=reason.strip(),
        nonce="n" + token_hex(16),
        rows=count,
        requested_at=now,
    )
    append(event=_event(export, auditor), at=now, subject=auditor.ref)
    people = Person.objects.filter(pk__in=trips.order_by().values("traveller"))
    disclose(
        reader=Reader(auditor, Role.AUDITOR, address),
        looks=[Look(person, "place") for person in people],
        method="report",
        action="export",
        purpose=purpose,
        reason=export.reason,
        reference=export.nonce,
        at=now,
    )
    return export


def _event(export: Export, auditor: Person) -> ExportRequested:
    head = Head.objects.first()
    return ExportRequested(
        nonce=export.nonce,
        from_=0,
        to=head.size if head else 0,
        groups=tuple(export.groups),
        purpose=export.purpose,
        scope=sha256(canonical(export.filters)).digest(),
        who={"actor": auditor.ref},
    )
