"""The clerk lays payable trips into a batch, or takes some out again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotPayable
from settlement.batching import resum
from settlement.models import Batch, BatchRow, Payable
from settlement.paying import for_judging, judge
from settlement.selectors import may_settle, trips_settled_by

MOST_ROWS = 500


@transaction.atomic
def fill_batch(
    batch: Batch,
    *,
    clerk: Person,
    add: Collection[UUID] = (),
    remove: Collection[UUID] = (),
    now: datetime,
) -> Batch:
    """All of *add* or none: a trip that is not payable refuses the whole change."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != Batch.State.OPEN or batch.clerk_id != clerk.pk:
        raise MoveRefused("this batch is closed, or somebody else's")
    batch.trips.filter(trip__uid__in=remove).delete()
    trips = for_judging(trips_settled_by(clerk)).filter(uid__in=add).order_by("pk")
    known = set(batch.trips.values_list("trip__uid", flat=True))
    rows = []
    for trip in trips:
        if not may_settle(clerk, trip, at=now):
            raise NotPayable("nobody settles what they travelled or approved")
        answer = judge(trip)
        if answer.payable not in {Payable.PAYABLE, Payable.ZERO}:
            raise NotPayable(answer.code)
        if trip.uid not in known:
            rows.append(BatchRow(batch=batch, trip=trip, won=answer.sum.won or 0))
    if len(known) + len(rows) > MOST_ROWS or len(trips) != len(set(add)):
        raise NotPayable("not there, or more rows than a batch holds")
    BatchRow.objects.bulk_create(rows)
    resum(batch)
    return batch
