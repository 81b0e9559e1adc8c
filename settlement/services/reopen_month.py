"""A closed month is opened again by two clerks, with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ApprovalPair, Person
from attest.errors import DutiesClash, MoveRefused
from settlement.models import Month, MonthMove
from settlement.months import reopening_of
from trips.writing import reasoned


@transaction.atomic
def reopen_month(month: Month, *, clerk: Person, reason: str, now: datetime) -> bool:
    """The first clerk proposes, another one does it; true once it is open."""
    said = reasoned(reason)
    month = Month.objects.select_for_update().get(pk=month.pk)
    if month.state != Month.State.CLOSED:
        raise MoveRefused("this month is open", why="month.open")
    about = reopening_of(month)
    pair = ApprovalPair.objects.filter(about=about).first()
    if pair is None:
        ApprovalPair.objects.create(maker=clerk, about=about, made_at=now)
        return False
    if pair.maker_id == clerk.pk:
        raise DutiesClash("another clerk has to agree", why="second.own")
    ApprovalPair.objects.filter(pk=pair.pk).update(checker=clerk, checked_at=now)
    month.state = Month.State.OPEN
    month.save(update_fields=["state"])
    MonthMove.objects.create(
        month=month, state=month.state, by=pair.maker, second=clerk, reason=said, at=now
    )
    return True
