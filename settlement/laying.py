"""Which trips of a month can be laid into a batch just now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Person
from accounts.telling import Tell, silent
from settlement.models import Batch, BatchRow, Hold, Payable
from settlement.months import trips_of_month
from settlement.paying import ACCEPTING, CLOSING, UNTOUCHED, judge, judging
from settlement.selectors import settleable_by
from trips.models import Appeal, CheckIn, Correction, State, Trip

MOST = 500
# So many that no longer fit into what one person may settle: nobody looks on for a smaller sum,
# through a month of any length.
MOST_LEFT = 20
_AT_ONCE = 200


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
    rows = _not_held(settleable_by(clerk, rows, at=at))
    room, purse, left = MOST - batch.rows, settings.BATCH_LIMIT_WON - batch.total, 0
    # By their keys first: a whole month is not to be put in order with all that judging reads.
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for number, trip in enumerate(_read(rows, keys)):
        tell(number, len(keys))
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


def _read(rows: QuerySet[Trip], keys: Sequence[int]) -> Iterator[Trip]:
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        yield from judging(rows.filter(pk__in=some).order_by("pk"), size=_AT_ONCE)


def _not_held(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """*trips* without those the database alone can say no to, by the very rows ``judge`` reads.

    Asked anew at each press: what somebody freed meanwhile is there again.
    """
    held = Hold.objects.filter(trip=OuterRef("pk"))
    waits = ~Q(state=Hold.State.RESOLVED) & Q(blocking=True)
    corrected = Correction.objects.filter(trip=OuterRef("pk"), state=Correction.State.OPEN)
    appealed = Appeal.objects.filter(trip=OuterRef("pk"), state=Appeal.State.OPEN)
    touched = CheckIn.objects.filter(trip=OuterRef("pk"), withdrawn_at=None)
    # Of a trip without a touch somebody has to say what else shows it.
    shown = held.filter(reason_code=UNTOUCHED, resolution_code__in=ACCEPTING)
    return trips.exclude(
        Exists(held.filter(waits | Q(resolution_code__in=CLOSING)))
        | Exists(corrected)
        | Exists(appealed)
    ).filter(Exists(touched) | Exists(shown) | Q(standing__isnull=False))
