"""An auditor asks for an export: the reason is in the log before a row is read."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.db import transaction

from accounts.models import Person, Role
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.log.leaf import ExportRequested, canonical
from audit.bundling import range_for
from audit.exporting import ACTION, is_bulk
from audit.models import Export
from audit.selectors import Filter, trips_audited_by
from audit.stating import Wish, draft_of, expect_fresh, hash_of, head_size, statement_of
from ledger.services.append import append
from ledger.services.disclose import Look, Reader, disclose
from ledger.services.sequence import sequence


def ask_export(
    auditor: Person, *, wish: Wish, head: int, step_up: Answer, address: str, now: datetime
) -> Export:
    """Write request, diary and leaf; the file is read afterwards.

    *head* is that of the statement which was signed. The statements are as many for a million
    rows as for ten.
    """
    if wish.file_format == Export.Format.BUNDLE:
        # What waits gets its place first: a bundle names the leaves it will hold.
        sequence(now=now)
    with transaction.atomic():
        export = draft_of(auditor, wish)
        expect_fresh(head)
        export.head = head
        _file(export, wish.asked, step_up, address, now)
        return export


def _file(export: Export, asked: Filter, step_up: Answer, address: str, now: datetime) -> None:
    auditor, exact = export.auditor, "loc" in export.groups
    export.signed = hash_of(statement_of(export, rows=export.rows or 0))
    export.start, export.stop = _range(auditor, asked, export.format)
    use_step_up(
        auditor,
        step_up_uid=step_up.uid,
        proof=step_up.proof,
        action=ACTION,
        batch_hash=export.signed,
        now=now,
    )
    trips = trips_audited_by(auditor, asked)
    people = list(Person.objects.filter(pk__in=trips.order_by().values("traveller")).only("ref"))
    export.needs_second = is_bulk(rows=export.rows or 0, exact=len(people) if exact else 0)
    export.nonce, export.requested_at = "n" + token_hex(16), now
    export.request_hash = append(event=_event(export), at=now, subject=auditor.ref).hash
    export.save()
    disclose(
        reader=Reader(auditor, Role.AUDITOR, address),
        looks=[Look(person, "position" if exact else "place") for person in people],
        method="report",
        action="export",
        purpose=export.purpose,
        reason=export.reason,
        reference=export.nonce,
        at=now,
    )


def _range(auditor: Person, asked: Filter, file_format: str) -> tuple[int, int]:
    """A bundle's own leaves; a plain sheet may speak of all there are."""
    if file_format == Export.Format.BUNDLE:
        return range_for(auditor, asked)
    return 0, head_size()


def _event(export: Export) -> ExportRequested:
    return ExportRequested(
        nonce=export.nonce,
        from_=export.start,
        to=export.stop,
        groups=tuple(export.groups),
        purpose=export.purpose,
        scope=sha256(canonical(export.filters)).digest(),
        who={"actor": export.auditor.ref},
    )
