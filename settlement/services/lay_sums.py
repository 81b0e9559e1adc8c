"""A clerk has the standing sums of a month worked out: each a row its approver says yes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Person
from attest.errors import MoveRefused
from attest.values import month_bounds
from settlement.models import Month
from settlement.monthly import held_open
from settlement.standing import allowances_in, facts_for
from trips.models import State, Trip
from trips.services.lay_standing import lay_standing
from trips.standing import hold_days_of
from trips.writing import approver_of

# An office has few people who travel as their job; more than these wait for another press.
AT_ONCE: Final = 100


@dataclass(slots=True)
class Laid:
    """How many were laid or counted again, and of how many people nobody may approve the sum."""

    rows: int = 0
    unapproved: int = 0


def lay_sums(month: Month, *, clerk: Person, now: datetime) -> Laid:
    """At most ``AT_ONCE``, each by itself. One's own is another clerk's; the paid stay."""
    start, end = month_bounds(month.name)
    if now < end:
        raise MoveRefused("this month is not over", why="month.not-over")
    paid = Trip.objects.filter(
        traveller=OuterRef("person"),
        starts_at=start,
        standing__isnull=False,
        state=State.SETTLED,
    )
    rows = allowances_in(month.name).filter(person__organisation=month.organisation)
    rows = (
        rows.exclude(person=clerk)
        .exclude(Exists(paid))
        .select_related("person__organisation", "person__department", "person__workplace")
    )
    laid = Laid()
    # One may be closed before anybody is there to be laid.
    with transaction.atomic():
        held_open(month)
    for allowance in rows.order_by("pk").iterator(chunk_size=200):
        if approver_of(allowance.person, now=now) is None:
            laid.unapproved += 1
            continue
        # Of a hundred people at once none would touch, and nobody draft, until the last is done.
        with transaction.atomic():
            held_open(month)
            hold_days_of(allowance.person_id)
            facts = facts_for(allowance, month.name)
            laid.rows += lay_standing(allowance.person, facts=facts, by=clerk, now=now) is not None
        if laid.rows == AT_ONCE:
            break
    return laid
