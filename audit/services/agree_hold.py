"""A second person agrees that positions are kept beyond their time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import DutiesClash, MoveRefused
from audit.holding import expect_holder, tell
from audit.models import RetentionHold
from audit.retention import holds_in_force


@transaction.atomic
def agree_hold(hold: RetentionHold, *, by: Person, now: datetime) -> RetentionHold:
    expect_holder(by, at=now)
    hold = RetentionHold.objects.select_for_update().get(pk=hold.pk)
    if hold.asked_by_id == by.pk:
        raise DutiesClash("another person has to agree", why="second.own")
    if hold.agreed_at is not None or not holds_in_force(at=now).filter(pk=hold.pk).exists():
        raise MoveRefused("this hold is agreed to, lifted or lapsed")
    hold.agreed_by, hold.agreed_at = by, now
    hold.save(update_fields=["agreed_by", "agreed_at"])
    tell(hold, "agreed", actor=by, at=now)
    return hold
