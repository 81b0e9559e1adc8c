"""Money that was to come back is back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from attest.values import KST
from settlement.models import Clawback
from settlement.selectors import may_settle


@transaction.atomic
def recover(clawback: Clawback, *, clerk: Person, now: datetime) -> Clawback:
    clawback = Clawback.objects.select_for_update().get(pk=clawback.pk)
    if not may_settle(clerk, clawback.settlement.trip, at=now):
        raise NotYours("this is not yours to write down")
    if clawback.state != Clawback.State.OPEN:
        raise MoveRefused("this money is back already", why="clawback.recovered")
    clawback.state = Clawback.State.RECOVERED
    clawback.recovered_on, clawback.recovered_by = now.astimezone(KST).date(), clerk
    clawback.save(update_fields=["state", "recovered_on", "recovered_by"])
    return clawback
