"""A sheet of standing allowances is written down."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import BatchChanged
from trips.allowing import put_allowance
from trips.standing import hold_days_of
from trips.standing_plan import StandingPlan, plan_of
from trips.standing_sheet import Entry


@transaction.atomic
def import_standing(
    entries: Sequence[Entry], *, digest: bytes, by: Person, now: datetime
) -> StandingPlan:
    """Apply exactly the plan whose *digest* was previewed, all of it or nothing.

    Refused rows stay out.
    """
    hold_days_of(*_named(plan_of(by.organisation, entries, by=by)))
    # Looked at once more: nobody's months and trips change from here on.
    plan = plan_of(by.organisation, entries, by=by)
    if not hmac.compare_digest(plan.digest, digest):
        raise BatchChanged("these people's months have changed since the sheet was looked at")
    for step in plan.steps:
        if step.person and step.fate == "new":
            entry = step.entry
            put_allowance(
                step.person,
                first=entry.first,
                until=entry.until,
                monthly_won=entry.won,
                reason=entry.reason,
                by=by,
                now=now,
            )
    return plan


def _named(plan: StandingPlan) -> list[int]:
    """Held in one order: two sheets of the same people do not wait for each other."""
    return sorted({step.person.pk for step in plan.steps if step.person and step.fate == "new"})
