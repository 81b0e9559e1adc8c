"""What the verbs of a month share: its row held, open, and whose it is.

Whoever holds a month and a trip holds the month first: a check of the month, which holds its
row, puts exceptions on trips, and two that wait for each other would wait for ever.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Organisation
from attest.errors import MonthClosed
from attest.values import month_after, month_of
from settlement.models import Month
from trips.models import Trip


def held_open(month: Month) -> Month:
    """*month* afresh, its row held until the deed is done; a closed one takes nothing more."""
    month = _held().get(pk=month.pk)
    if month.state == Month.State.CLOSED:
        raise MonthClosed("this month is closed")
    return month


def held_to_pay_in(trip: Trip) -> str:
    """The trip's own month, or the first after it that is not closed; held until it is paid.

    Whoever closes it meanwhile waits, and who pays after that finds it closed: no payment
    comes into a month whose sheets were drawn without it.
    """
    return held_from(trip.traveller.organisation, month_of(trip.starts_at))


def held_from(office: Organisation, name: str) -> str:
    """*name*, or the first month after it that is not closed; held until the deed is done."""
    while True:
        row, _ = Month.objects.get_or_create(organisation=office, name=name)
        if _held().get(pk=row.pk).state != Month.State.CLOSED:
            return name
        name = month_after(name)


def _held() -> QuerySet[Month]:
    return Month.objects.select_for_update(no_key=True)
