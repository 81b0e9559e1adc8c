"""A sheet of people becomes people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, Person
from accounts.people_apply import apply_people
from accounts.people_plan import Plan
from accounts.people_sheet import Entry


@transaction.atomic
def import_people(
    organisation: Organisation,
    *,
    entries: Sequence[Entry],
    digest: bytes,
    by: Person | None,
    now: datetime,
) -> Plan:
    """Apply exactly the plan whose *digest* was previewed, all of it or nothing.

    Refused rows stay out. *by* is none at the command line.
    """
    return apply_people(organisation, entries=entries, digest=digest, by=by, now=now)
