"""Positions are kept back no longer: what is over goes with the next run."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import DutiesClash, MoveRefused
from audit.holding import expect_holder, tell
from audit.models import RetentionHold


@transaction.atomic
def lift_hold(hold: RetentionHold, *, by: Person, now: datetime) -> RetentionHold:
    """Once two agreed, who asked for it does not lift it alone: lifting lets evidence go."""
    expect_holder(by, at=now)
    hold = RetentionHold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is not None:
        raise MoveRefused("this hold was lifted already")
    if hold.agreed_at is not None and hold.asked_by_id == by.pk:
        raise DutiesClash("somebody else than who asked for it lifts it")
    hold.lifted_by, hold.lifted_at = by, now
    hold.save(update_fields=["lifted_by", "lifted_at"])
    tell(hold, "lifted", actor=by, at=now)
    return hold
