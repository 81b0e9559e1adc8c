"""A clerk leaves days out of a month's payment statement, or adds them, before it is drawn.

No sum is changed by it, and no money lost: what leaves one statement stands on another.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from attest.values import month_of
from settlement.models import Month, MonthShift, Payment, Settlement
from settlement.monthly import held_from, held_open
from settlement.months import following
from settlement.selectors import may_settle
from trips.writing import reasoned

MOST = 500
_AT_HOME = (Payment.UNPAID, Payment.FAILED)


@transaction.atomic
def leave_out(
    month: Month, *, clerk: Person, settlements: Collection[UUID], reason: str, now: datetime
) -> str:
    """Off the statement of *month*, onto that of the first open month after it; which that is."""
    said = reasoned(reason)
    month = held_open(month)
    joined = held_from(month.organisation, following(month.name))
    rows = _rows(settlements, clerk=clerk, now=now)
    if any(row.month != month.name for row in rows):
        raise MoveRefused("not on the statement of this month")
    _shift(rows, joined, clerk=clerk, reason=said, now=now)
    return joined


@transaction.atomic
def add_in(
    month: Month, *, clerk: Person, settlements: Collection[UUID], reason: str, now: datetime
) -> None:
    """Onto the statement of *month*, off that of a later one; never of a trip after it."""
    said = reasoned(reason)
    month = held_open(month)
    wanted = Settlement.objects.filter(uid__in=settlements, month__gt=month.name)
    wanted = wanted.filter(traveller__organisation=month.organisation_id)
    # The months first, in their order, then what stands in them (see ``monthly``).
    for name in sorted(set(wanted.values_list("month", flat=True))):
        held_open(Month.objects.get_or_create(organisation=month.organisation, name=name)[0])
    rows = _rows(settlements, clerk=clerk, now=now)
    if any(not month_of(row.trip.starts_at) <= month.name < row.month for row in rows):
        raise MoveRefused("not of a trip up to this month, or not on a later statement")
    _shift(rows, month.name, clerk=clerk, reason=said, now=now)


def _rows(settlements: Collection[UUID], *, clerk: Person, now: datetime) -> list[Settlement]:
    """All of them or none: held, not on their way to the bank, and of nobody who settles."""
    if not 0 < len(settlements) <= MOST:
        raise MoveRefused(f"between one and {MOST} at a time")
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("trip__traveller")
    rows = rows.filter(uid__in=settlements, traveller__organisation=clerk.organisation_id)
    found = list(rows.order_by("pk"))
    if len(found) != len(set(settlements)):
        raise MoveRefused("not all of these are there")
    for row in found:
        if row.voided_at is not None or row.payment not in _AT_HOME:
            raise MoveRefused("taken back, or its money is on the way")
        if not may_settle(clerk, row.trip, at=now):
            raise NotYours("nobody moves what they travelled or approved")
    return found


def _shift(
    rows: list[Settlement], joined: str, *, clerk: Person, reason: str, now: datetime
) -> None:
    shifts = [
        MonthShift(settlement=row, left=row.month, joined=joined, reason=reason, by=clerk, at=now)
        for row in rows
    ]
    for row in rows:
        row.month = joined
    MonthShift.objects.bulk_create(shifts)
    Settlement.objects.bulk_update(rows, ["month"], batch_size=200)
