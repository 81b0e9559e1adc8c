"""A clerk closes a month: what is settled later is paid in the next."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from attest.values import month_of
from settlement.models import Month, MonthMove
from settlement.monthly import held_open
from settlement.months import WAITING, rows_of_month


@transaction.atomic
def close_month(month: Month, *, clerk: Person, now: datetime) -> Month:
    """Not while a row of the sheet waits: it would be lost in a closed month."""
    month = held_open(month)
    if rows_of_month(month).filter(fate__in=WAITING).exists():
        raise MoveRefused("rows of the sheet still wait", why="month.rows-waiting")
    if month.name > month_of(now):
        raise MoveRefused("this month has not begun", why="month.not-begun")
    month.state = Month.State.CLOSED
    month.save(update_fields=["state"])
    MonthMove.objects.create(month=month, state=month.state, by=clerk, at=now)
    return month
