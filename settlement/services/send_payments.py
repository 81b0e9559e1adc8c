"""What is settled in a month goes into the payment file: from then on it is sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from attest.values import KST
from settlement.models import Month, Payment, Settlement
from settlement.months import settlements_of_month


@transaction.atomic
def send_payments(month: Month, *, clerk: Person, now: datetime) -> int:
    """All that is not on its way yet, and what failed before; how many were sent.

    Refused while the bank has not answered for all of the last file: a file holds what is on
    its way, and nothing may stand in two of them.
    """
    month = Month.objects.select_for_update().get(pk=month.pk)
    on_their_way = settlements_of_month(clerk, month.name).filter(payment=Payment.SENT)
    if on_their_way.exists():
        raise MoveRefused(
            "the bank has not answered for the last file yet", why="payments.unanswered"
        )
    due = settlements_of_month(clerk, month.name).filter(
        payment__in=[Payment.UNPAID, Payment.FAILED], total__gt=0
    )
    # Asked again of each row as it is written: one taken back meanwhile stays at home.
    rows = Settlement.objects.filter(
        pk__in=due.values("pk"), voided_at=None, payment__in=[Payment.UNPAID, Payment.FAILED]
    )
    day = now.astimezone(KST).date()
    return rows.update(payment=Payment.SENT, payment_on=day, payment_note="")
