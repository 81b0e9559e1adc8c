"""Which trips of a month can be laid into a batch just now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts.models import Person
from accounts.telling import Tell, silent
from settlement.models import Batch, BatchRow, Payable
from settlement.months import trips_of_month
from settlement.paying import for_judging, judge
from settlement.selectors import may_settle
from trips.models import State

MOST = 500


def payable_in(
    clerk: Person,
    name: str,
    *,
    batch: Batch,
    at: datetime,
    tell: Tell = silent,
) -> dict[UUID, int]:
    """With the sum of each: oldest first, up to what a batch holds and one person may settle.

    What lies in any batch that is open or waits for its second person stays there.
    """
    laid = BatchRow.objects.filter(batch__state__in=[Batch.State.OPEN, Batch.State.WAITING]).values(
        "trip"
    )
    rows = trips_of_month(clerk, name).filter(state=State.CONFIRMED).exclude(pk__in=laid)
    found: dict[UUID, int] = {}
    room, purse = MOST - batch.rows, settings.BATCH_LIMIT_WON - batch.total
    for trip in for_judging(rows).order_by("pk").iterator(chunk_size=200):
        tell(len(found), room)
        if len(found) == room:
            break
        answer = judge(trip)
        won = answer.sum.won or 0
        fits = answer.payable in {Payable.PAYABLE, Payable.ZERO} and won <= purse
        if fits and may_settle(clerk, trip, at=at):
            found[trip.uid] = won
            purse -= won
    return found
