"""The clerk lays payable trips into a batch, or takes some out again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person
from attest.errors import NotPayable
from settlement.batching import refuse_closed, resum
from settlement.models import Batch, BatchRow, Payable
from settlement.paying import for_judging, judge
from settlement.selectors import settleable_by, trips_settled_by
from trips.models import State, Trip

MOST_ROWS = 500


@transaction.atomic
def fill_batch(
    batch: Batch,
    *,
    clerk: Person,
    add: Collection[UUID] = (),
    remove: Collection[UUID] = (),
    judged: Mapping[UUID, int] | None = None,
    now: datetime,
) -> Batch:
    """All of *add* or none: a trip that is not payable refuses the whole change.

    *judged* are sums that ``payable_in`` found in the same breath: such a trip is laid at that
    sum. What changes until it is paid is found there, where every trip is judged under its lock
    and one whose sum is another than was signed is left out.
    """
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    refuse_closed(batch, clerk, states={Batch.State.OPEN})
    batch.trips.filter(trip__uid__in=remove).delete()
    # Who travelled or approved finds theirs missing, and the whole change refused.
    trips = settleable_by(clerk, trips_settled_by(clerk), at=now).filter(uid__in=add).order_by("pk")
    trips = trips.select_related("traveller") if judged else for_judging(trips)
    known = set(batch.trips.values_list("trip__uid", flat=True))
    rows = []
    for trip in trips:
        won = judged[trip.uid] if judged else _won_of(trip)
        if trip.state != State.CONFIRMED:
            raise NotPayable("claim.unapproved")
        if trip.uid not in known:
            rows.append(BatchRow(batch=batch, trip=trip, won=won))
    if len(known) + len(rows) > MOST_ROWS or len(trips) != len(set(add)):
        raise NotPayable("not there, not theirs to settle, or more rows than a batch holds")
    BatchRow.objects.bulk_create(rows)
    resum(batch)
    return batch


def _won_of(trip: Trip) -> int:
    answer = judge(trip)
    if answer.payable not in {Payable.PAYABLE, Payable.ZERO}:
        raise NotPayable(answer.code)
    return answer.sum.won or 0
