"""An administrator shows a sheet of people; it is kept, sealed, until they apply it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import PeopleImport, Person
from accounts.people_plan import Plan, plan_of
from accounts.people_sheet import read_sheet


@transaction.atomic
def keep_sheet(raw: bytes, *, by: Person, now: datetime) -> tuple[PeopleImport, Plan]:
    """Read the sheet and say the fate of every row. Nobody is changed by it.

    What the same person showed before and did not apply is dropped.
    """
    plan = plan_of(by.organisation, read_sheet(raw), by=by, now=now)
    PeopleImport.objects.filter(uploaded_by=by, applied_at=None).delete()
    kept = PeopleImport(
        organisation=by.organisation,
        uploaded_by=by,
        uploaded_at=now,
        digest=plan.digest,
    )
    kept.put_sheet(raw)
    kept.save()
    return kept, plan
