"""An administrator says that a standing allowance ends earlier than was written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from trips.models import StandingAllowance
from trips.standing import hold_days_of, refuse_settled
from trips.writing import reasoned


@transaction.atomic
def end_standing(
    row: StandingAllowance, *, until: str, reason: str, by: Person, now: datetime
) -> StandingAllowance:
    """It counts no more from the month *until* on; its first month: it never counts.

    Not over a month with a settled trip: by that month's sum the trip was paid nothing.
    """
    person = row.person
    if by.pk == person.pk or by.organisation_id != person.organisation_id:
        raise NotYours("nobody changes a sum of their own, or of another office")
    said = reasoned(reason)
    hold_days_of(person.pk)
    row = StandingAllowance.objects.select_for_update().get(pk=row.pk)
    if not row.first <= until < row.until:
        raise MoveRefused("it ends within its time", why="standing.ends-outside")
    refuse_settled(person, until, row.until)
    row.until, row.ended_by, row.ended_at, row.end_reason = until, by, now, said
    row.save(update_fields=["until", "ended_by", "ended_at", "end_reason"])
    who = {"actor": by.ref, "person": person.ref}
    event = ConfigChanged(
        subject="setting", name=f"standing-{row.uid}-ended", from_=f"{until}-01", who=who
    )
    append(event=event, at=now, subject=person.ref)
    return row
