"""A clerk settles a batch: signed over exactly these rows, each trip paid once or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Person, Post
from accounts.passkeys import Proof
from accounts.posting import post
from accounts.services.use_step_up import use_step_up
from attest.errors import AlreadySettled, BatchChanged, MoveRefused, NotPayable, Refusal
from ledger.outbox import history_of
from ledger.selectors import deeds_of
from ledger.services.append import append
from settlement.announcing import announce_rules
from settlement.batching import ACTION, batch_hash, rows_of
from settlement.leaves import settled
from settlement.models import Batch, BatchRow, Line, Payable, Settlement
from settlement.monthly import held_to_pay_in
from settlement.paying import Answer, for_judging, judge
from settlement.selectors import may_settle, trips_settled_by
from trips.models import Trip


def settle(batch: Batch, *, clerk: Person, step_up: UUID, proof: Proof, now: datetime) -> Batch:
    """Use up the step-up over the rows as they stand, then pay them one by one.

    A row that cannot be paid is left out with its code; the others are settled. No row
    is ever half settled.
    """
    with transaction.atomic():
        batch = _claimed(batch, clerk)
        rows = rows_of(batch)
        if bytes(batch.hash or b"") != batch_hash(rows):
            raise BatchChanged("the rows are not those of the batch")
        digest = batch_hash(rows)
        use_step_up(
            clerk, step_up_uid=step_up, proof=proof, action=ACTION, batch_hash=digest, now=now
        )
        announce_rules(at=now)
        batch.state, batch.settled_at = Batch.State.SETTLED, now
        batch.save(update_fields=["state", "settled_at"])
    for row in rows:
        _try(row, batch, clerk, now)
    return batch


def _claimed(batch: Batch, clerk: Person) -> Batch:
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != Batch.State.OPEN or batch.clerk_id != clerk.pk:
        raise MoveRefused("this batch is closed, or somebody else's")
    if not batch.rows:
        raise NotPayable("an empty batch")
    if batch.total > settings.BATCH_LIMIT_WON:
        raise NotPayable("over the sum one person may settle")
    return batch


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
    month = held_to_pay_in(Trip.objects.select_related("traveller__organisation").get(pk=row.trip_id))
    # Of two payments of one trip the second looks after the first is done.
    Trip.objects.select_for_update().get(pk=row.trip_id)
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
