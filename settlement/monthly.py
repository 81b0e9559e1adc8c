"""What the verbs of a month share: its row held, open, and whose it is."""

from __future__ import annotations

from attest.errors import MonthClosed
from settlement.models import Month


def held_open(month: Month) -> Month:
    """*month* afresh, its row held until the deed is done; a closed one takes nothing more."""
    month = Month.objects.select_for_update().get(pk=month.pk)
    if month.state == Month.State.CLOSED:
        raise MonthClosed("this month is closed")
    return month
