"""A second auditor agrees to an export that is too large for one, over just these rows."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from accounts.selectors import may_audit
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer
from attest.errors import DutiesClash, MoveRefused, NotYours
from attest.log.leaf import ConfigChanged
from audit.exporting import SECOND
from audit.models import Export
from audit.selectors import KEPT
from ledger.services.append import append


@transaction.atomic
def agree_export(export: Export, *, by: Person, step_up: Answer, now: datetime) -> Export:
    if not may_audit(by, at=now) or by.organisation_id != export.auditor.organisation_id:
        raise NotYours("an auditor of the same office agrees")
    rows = Export.objects.select_for_update(of=("self",)).select_related("auditor")
    export = rows.get(pk=export.pk)
    if export.auditor_id == by.pk:
        raise DutiesClash("another auditor has to agree", why="second.own")
    fresh = export.state == Export.State.REQUESTED and export.requested_at > now - KEPT
    if not fresh or not export.waits_for_second:
        raise MoveRefused("this export waits for nobody")
    use_step_up(
        by,
        step_up_uid=step_up.uid,
        proof=step_up.proof,
        action=SECOND,
        batch_hash=bytes(export.signed),
        now=now,
    )
    export.second, export.second_at = by, now
    export.save(update_fields=["second", "second_at"])
    # The name binds it to the request's own leaf; who agreed stays sealed.
    event = ConfigChanged(
        subject="setting",
        name=f"export-agreed {export.nonce}",
        who={"actor": by.ref, "person": export.auditor.ref},
    )
    append(event=event, at=now, subject=by.ref)
    return export
