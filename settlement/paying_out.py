"""The rows of a signed batch are paid one by one: each trip settled, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from accounts.jobs import begin
from accounts.models import Person, Post
from accounts.posting import post
from accounts.telling import Tell, silent
from attest.errors import AlreadySettled, BatchChanged, NotPayable, Refusal
from ledger.outbox import history_of
from ledger.selectors import deeds_of
from ledger.services.append import append
from settlement.announcing import announce_rules
from settlement.batching import AT_ONCE, rows_of
from settlement.leaves import settled
from settlement.models import Batch, BatchRow, Line, Payable, Settlement
from settlement.monthly import held_to_pay_in
from settlement.paying import Answer, for_judging, judge
from settlement.selectors import may_settle, trips_settled_by
from trips.models import Trip
from trips.standing import hold_days_of

PAY: Final = "pay-batch"


def close_and_pay(batch: Batch, *, by: Person, now: datetime) -> None:
    """Call it in the transaction of the last signature: from here on nothing of it changes.

    Many rows are asked of the worker in the same breath, so that no signed batch is forgotten.
    """
    announce_rules(at=now)
    batch.state, batch.settled_at = Batch.State.SETTLED, now
    batch.save(update_fields=["state", "settled_at"])
    if batch.rows > AT_ONCE:
        begin(by, kind=PAY, about={"batch": str(batch.uid)}, now=now)


def pay_here(batch: Batch, *, now: datetime) -> Batch:
    """Pay a few rows at once; many are the worker's."""
    if batch.rows <= AT_ONCE:
        pay_rows(batch, now=now)
    return batch


def pay_rows(batch: Batch, *, now: datetime, tell: Tell = silent) -> None:
    """A row that cannot be paid is left out with its code; the others are settled.

    Told again of a batch whose paying was cut off, it pays what was not reached.
    """
    reached = set(Settlement.objects.filter(batch=batch).values_list("trip", flat=True))
    rows = [row for row in rows_of(batch) if row.trip_id not in reached and not row.refused]
    for number, row in enumerate(rows):
        tell(number, len(rows))
        _try(row, batch, batch.clerk, now)


def _try(row: BatchRow, batch: Batch, clerk: Person, now: datetime) -> None:
    try:
        with transaction.atomic():
            _pay(row, batch, clerk, now)
    except IntegrityError:
        row.refused = AlreadySettled.code
    except Refusal as refused:
        row.refused = refused.code
    else:
        return
    row.save(update_fields=["refused"])


def _pay(row: BatchRow, batch: Batch, clerk: Person, now: datetime) -> None:
    month = held_to_pay_in(
        Trip.objects.select_related("traveller__organisation").get(pk=row.trip_id)
    )
    # Of two payments of one trip the second looks after the first is done.
    Trip.objects.select_for_update().get(pk=row.trip_id)
    hold_days_of(row.trip.traveller_id)
    trip = for_judging(trips_settled_by(clerk)).get(pk=row.trip_id)
    answer = judge(trip)
    if answer.payable == Payable.SETTLED:
        raise AlreadySettled("this trip has been paid")
    if answer.payable not in {Payable.PAYABLE, Payable.ZERO} or not may_settle(clerk, trip, at=now):
        raise NotPayable(answer.code)
    if answer.sum.won != row.won:
        raise BatchChanged("the sum is no longer what was signed")
    trip.state = trip.after("settle")
    trip.save(update_fields=["state"])
    _write(trip, answer, batch, clerk, month, now)


def _write(
    trip: Trip, answer: Answer, batch: Batch, clerk: Person, month: str, now: datetime
) -> None:
    if trip.approver is None:
        raise NotPayable("nobody approved this trip")
    # A restored database may have lost the payment; what of the log came back has not.
    deeds = deeds_of(trip.log_id)
    if deeds.count("settlement") > deeds.count("void"):
        raise AlreadySettled("the log knows a payment that the database does not")
    count, digest = history_of(trip.line)
    event = settled(trip, answer.sum, clerk=clerk, count=count, digest=digest)
    leaf = append(event=event, trip=trip.line, at=now)
    own = answer.sum.own
    paid = Settlement.objects.create(
        trip=trip,
        batch=batch,
        clerk=clerk,
        approver=trip.approver,
        traveller=trip.traveller,
        claim=answer.sum.claim,
        result=answer.sum.result,
        rule_digest=own["rule_digest"],
        total=own["total"],
        settled_at=now,
        leaf_n=leaf.n,
        leaf_hash=leaf.hash,
        month=month,
    )
    Line.objects.bulk_create(
        Line(
            settlement=paid,
            sequence=number,
            item=line["item"],
            amount=line["amount"],
            rule=line["rule"],
            status=line["status"],
            why=line["why"],
        )
        for number, line in enumerate(own["lines"])
    )
    name = f"settled:{paid.uid}"
    post(trip.traveller, kind=Post.Kind.PAID, dedupe=name, about=trip.uid, now=now)
