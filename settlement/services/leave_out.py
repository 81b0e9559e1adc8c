"""A clerk leaves days out of a month's payment statement before it is drawn, with a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from attest.values import month_after
from settlement.models import Month
from settlement.monthly import held_from, held_open
from settlement.shifting import rows_to_shift, shift
from trips.writing import reasoned


@transaction.atomic
def leave_out(
    month: Month, *, clerk: Person, settlements: Collection[UUID], reason: str, now: datetime
) -> str:
    """Onto the statement of the first open month after it; which that is."""
    said = reasoned(reason)
    month = held_open(month)
    joined = held_from(month.organisation, month_after(month.name))
    rows = rows_to_shift(settlements, clerk=clerk, now=now)
    if any(row.month != month.name for row in rows):
        raise MoveRefused("not on the statement of this month")
    shift(rows, joined, clerk=clerk, reason=said, now=now)
    return joined
