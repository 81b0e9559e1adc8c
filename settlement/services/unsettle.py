"""A settlement is taken back by two clerks, with a reason; the trip can be settled again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ApprovalPair, Person
from attest.errors import DutiesClash, MoveRefused, NotYours
from ledger.services.append import append
from settlement.clawing import clawback_of
from settlement.leaves import unsettled
from settlement.models import Month, Payment, Settlement
from settlement.monthly import held_open
from settlement.selectors import may_settle
from settlement.standing import counted_in
from trips.standing import hold_days_of
from trips.writing import locked, reasoned


@transaction.atomic
def unsettle(paid: Settlement, *, clerk: Person, reason: str, now: datetime) -> bool:
    """The first clerk proposes, another one does it; true once it is done.

    Not while its month is closed: its sheets were drawn with it, and two open a month again.
    """
    # First, so that nobody else learns how it stands by trying.
    if not may_settle(clerk, paid.trip, at=now):
        raise NotYours("this settlement is not yours to take back")
    said = reasoned(reason)
    month = _month_held_open(paid)
    trip = locked(paid.trip)
    hold_days_of(trip.traveller_id)
    paid = Settlement.objects.select_for_update().get(pk=paid.pk)
    if paid.voided_at is not None:
        raise MoveRefused("taken back already", why="settlement.void")
    if paid.month != month.name:
        raise MoveRefused("on another month's statement since", why="settlement.other-month")
    state = trip.after("unsettle")
    if paid.payment == Payment.SENT:
        raise MoveRefused("its money is on the way", why="settlement.on-the-way")
    if counted_in(paid):
        raise MoveRefused("the month's standing sum comes first", why="settlement.counted")
    about = f"unsettle:{paid.uid}"
    pair = ApprovalPair.objects.filter(about=about).first()
    if pair is None:
        ApprovalPair.objects.create(maker=clerk, about=about, made_at=now)
        return False
    if pair.maker_id == clerk.pk:
        raise DutiesClash("another clerk has to agree", why="second.own")
    ApprovalPair.objects.filter(pk=pair.pk).update(checker=clerk, checked_at=now)
    append(event=unsettled(paid, clerk=clerk, reason=said), trip=trip.line, at=now)
    paid.voided_at = now
    paid.save(update_fields=["voided_at"])
    if paid.payment == Payment.PAID:
        clawback_of(paid, reason=said, now=now).save()
    trip.state = state
    trip.save(update_fields=["state"])
    return True


def _month_held_open(paid: Settlement) -> Month:
    """Before the trip (see ``monthly``); nobody closes it until the deed is done."""
    office = paid.traveller.organisation
    month, _ = Month.objects.get_or_create(organisation=office, name=paid.month)
    return held_open(month)
