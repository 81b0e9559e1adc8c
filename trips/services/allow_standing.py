"""An administrator writes down that a person is paid a sum a month for travelling."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from attest.values import month_after
from trips.allowing import put_allowance
from trips.models import StandingAllowance
from trips.standing import hold_days_of, refuse_settled, taken
from trips.writing import reasoned


@transaction.atomic
def allow_standing(
    person: Person,
    *,
    first: str,
    last: str,
    monthly_won: int,
    reason: str,
    by: Person,
    now: datetime,
) -> StandingAllowance:
    """From the month *first* to *last*, both with it; never two for one month.

    Nor for a month with a settled trip: that was paid by the day already.
    """
    if by.pk == person.pk or by.organisation_id != person.organisation_id:
        raise NotYours("nobody writes down a sum of their own, or of another office")
    if last < first:
        raise MoveRefused("it ends before it begins", why="standing.months-crossed")
    said, until = reasoned(reason), month_after(last)
    # Two that are written at once must not both find the month free.
    hold_days_of(person.pk)
    if taken(first, until).filter(person=person).exists():
        raise MoveRefused("one of these months has one already", why="standing.months-taken")
    refuse_settled(person, first, until)
    return put_allowance(
        person, first=first, until=until, monthly_won=monthly_won, reason=said, by=by, now=now
    )
