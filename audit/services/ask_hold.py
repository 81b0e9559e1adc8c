"""Positions of a trip or a person are to be kept beyond their time; a second one agrees."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import NotYours
from audit.holding import expect_holder, subject_of, tell
from audit.models import RetentionHold
from trips.models import Trip
from trips.writing import reasoned


@transaction.atomic
def ask_hold(
    by: Person, *, trip: Trip | None, person: Person | None, reason: str, now: datetime
) -> RetentionHold:
    """Good at once, and for a week: what it is about must not be gone before somebody agrees."""
    expect_holder(by, at=now)
    said = reasoned(reason)
    hold = RetentionHold(trip=trip, person=person, reason=said, asked_by=by, asked_at=now)
    if subject_of(hold).organisation_id != by.organisation_id:
        raise NotYours("somebody of another office")
    hold.save()
    tell(hold, "asked", actor=by, at=now)
    return hold
