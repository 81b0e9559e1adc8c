"""Rows that are only in the sheet become trips, so many at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import Person
from settlement.models import Month, SheetRow
from settlement.monthly import held_open
from settlement.months import without_sheets
from settlement.taking import take

AT_ONCE: Final = 100
_BESIDE: Final = ("person__organisation", "person__workplace")


@transaction.atomic
def take_rows(month: Month, *, clerk: Person, now: datetime) -> int:
    """The next of them, at most ``AT_ONCE``; how many were taken. One's own are another clerk's."""
    month = held_open(month)
    rows = SheetRow.objects.filter(sheet__month=month, fate=SheetRow.Fate.ONLY)
    rows = rows.exclude(person=None).exclude(person=clerk).order_by("pk")
    # By their keys first: a whole month is not to be put in order with all that stands beside it.
    keys = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    taken = list(
        without_sheets(SheetRow.objects.filter(pk__in=keys))
        .select_related("person__department__approver", *_BESIDE)
        .order_by("pk")
    )
    if not taken:
        return 0
    for row, trip in zip(taken, take(taken, clerk=clerk, now=now), strict=True):
        row.trip = trip
    SheetRow.objects.bulk_update(taken, ["trip"])
    SheetRow.objects.filter(pk__in=[row.pk for row in taken]).update(
        fate=SheetRow.Fate.ADDED, decided_by=clerk, decided_at=now
    )
    return len(taken)
