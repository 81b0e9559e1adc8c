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
from settlement.selectors import settleable_by
from trips.models import State

MOST = 500
# So many that no longer fit into what one person may settle: nobody looks on for a smaller sum,
# through a month of any length.
MOST_LEFT = 20


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
    rows = settleable_by(clerk, rows, at=at)
    room, purse, left = MOST - batch.rows, settings.BATCH_LIMIT_WON - batch.total, 0
    looked_through = rows.count()
    for number, trip in enumerate(for_judging(rows).order_by("pk").iterator(chunk_size=200)):
        tell(number, looked_through)
        if len(found) == room or left == MOST_LEFT:
            break
        answer = judge(trip)
        if answer.payable not in {Payable.PAYABLE, Payable.ZERO}:
            continue
        won = answer.sum.won or 0
        if won <= purse:
            found[trip.uid] = won
            purse -= won
        else:
            # One that fits into no batch of one person stands in nobody's way.
            left += won <= settings.BATCH_LIMIT_WON
    return found
