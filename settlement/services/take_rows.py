"""Rows that are only in the sheet become trips, so many at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import Person
from settlement.models import Month, SheetRow
from settlement.monthly import held_open
from settlement.taking import take

AT_ONCE: Final = 100


@transaction.atomic
def take_rows(month: Month, *, clerk: Person, now: datetime) -> int:
    """The next of them, at most ``AT_ONCE``; how many were taken. One's own are another clerk's."""
    month = held_open(month)
    rows = SheetRow.objects.filter(sheet__month=month, fate=SheetRow.Fate.ONLY)
    rows = rows.exclude(person=clerk).select_related(
        "sheet", "person__organisation", "person__department", "person__workplace"
    )
    taken = list(rows.order_by("pk")[:AT_ONCE])
    for row in taken:
        if row.person is None:
            continue
        row.trip = take(row, person=row.person, clerk=clerk, now=now)
        row.fate, row.decided_by, row.decided_at = SheetRow.Fate.ADDED, clerk, now
        row.save(update_fields=["trip", "fate", "decided_by", "decided_at"])
    return len(taken)
