"""A clerk adds days to a month's payment statement before it is drawn, with a reason."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from attest.values import month_of
from settlement.models import Month, Settlement
from settlement.monthly import held_open
from settlement.shifting import rows_to_shift, shift
from trips.writing import reasoned


@transaction.atomic
def add_in(
    month: Month, *, clerk: Person, settlements: Collection[UUID], reason: str, now: datetime
) -> None:
    """Off the statement of a later month; never of a trip after this one."""
    said = reasoned(reason)
    month = held_open(month)
    wanted = Settlement.objects.filter(uid__in=settlements, month__gt=month.name)
    wanted = wanted.filter(traveller__organisation=month.organisation_id)
    # The months first, in their order, then what stands in them (see ``monthly``).
    held = sorted(set(wanted.values_list("month", flat=True)))
    for name in held:
        held_open(Month.objects.get_or_create(organisation=month.organisation, name=name)[0])
    rows = rows_to_shift(settlements, clerk=clerk, now=now)
    if any(not month_of(row.trip.starts_at) <= month.name < row.month for row in rows):
        raise MoveRefused("not of a trip up to this month, or not on a later statement")
    if any(row.month not in held for row in rows):
        raise MoveRefused("it went onto another month's statement meanwhile")
    shift(rows, month.name, clerk=clerk, reason=said, now=now)
