"""What the verbs of a month share: its row held, open, and whose it is.

Whoever holds a month and a trip holds the month first: a check of the month, which holds its
row, puts exceptions on trips, and two that wait for each other would wait for ever.
"""

from __future__ import annotations

from collections.abc import Collection

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


def held_to_pay_in(trips: Collection[Trip]) -> dict[int, str]:
    """By trip its own month, or the first after it that is not closed; held until they are paid.

    Whoever closes it meanwhile waits, and who pays after that finds it closed: no payment
    comes into a month whose sheets were drawn without it.
    """
    offices = {trip.traveller.organisation_id: trip.traveller.organisation for trip in trips}
    asked = {trip.pk: (trip.traveller.organisation_id, month_of(trip.starts_at)) for trip in trips}
    # The earlier first, as everybody holds them who goes from one to the next.
    found = {key: held_from(offices[key[0]], key[1]) for key in sorted(set(asked.values()))}
    return {trip: found[key] for trip, key in asked.items()}


def held_from(office: Organisation, name: str) -> str:
    """*name*, or the first month after it that is not closed; held until the deed is done."""
    while True:
        row, _ = Month.objects.get_or_create(organisation=office, name=name)
        if _held().get(pk=row.pk).state != Month.State.CLOSED:
            return name
        name = month_after(name)


def _held() -> QuerySet[Month]:
    return Month.objects.select_for_update(no_key=True)
