"""An administrator applies the sheet they previewed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import PeopleImport, Person
from accounts.people_apply import apply_people
from accounts.people_plan import APPLY, Plan
from accounts.people_sheet import read_sheet
from accounts.step_up import Answer, spend
from attest.errors import BatchChanged


@transaction.atomic
def apply_sheet(kept: PeopleImport, *, by: Person, answer: Answer, now: datetime) -> Plan:
    """Signed over exactly this preview, applied once, and then forgotten."""
    kept = PeopleImport.objects.select_for_update().get(pk=kept.pk, uploaded_by=by)
    if kept.applied_at is not None:
        raise BatchChanged("this sheet was applied")
    digest = bytes(kept.digest)
    spend(by, answer=answer, action=APPLY, batch_hash=digest, now=now)
    entries = read_sheet(kept.box().open())
    plan = apply_people(kept.organisation, entries=entries, digest=digest, by=by, now=now)
    kept.sheet, kept.applied_at = b"", now
    kept.save(update_fields=["sheet", "applied_at"])
    return plan
