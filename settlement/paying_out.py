"""The rows of a signed batch are paid: each trip settled, or not at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from accounts.jobs import begin
from accounts.models import Person, Post
from accounts.posting import News, post_all
from accounts.telling import Tell, silent
from attest.errors import AlreadySettled, BatchChanged, NotPayable, Refusal
from ledger.outbox import Deed, Entry, histories_of
from ledger.selectors import deeds_of
from ledger.services.append_all import append_all
from settlement.announcing import announce_rules
from settlement.batching import AT_ONCE, rows_of
from settlement.leaves import settled
from settlement.models import Batch, BatchRow, Line, Payable, Settlement
from settlement.monthly import held_to_pay_in
from settlement.paying import Answer, judge, judging
from settlement.selectors import settleable_by, trips_settled_by
from trips.models import State, Trip
from trips.standing import hold_days_of

PAY: Final = "pay-batch"
# So many rows share a transaction: who touches, approves or closes meanwhile waits for few.
TOGETHER: Final = 25


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
    desk, done = Desk(batch, batch.clerk, now), 0
    for some in _side_by_side(rows):
        tell(done, len(rows))
        _try(some, desk)
        done += len(some)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all rows of one paying have in common."""

    batch: Batch
    clerk: Person
    now: datetime


def _side_by_side(rows: Sequence[BatchRow]) -> Iterator[list[BatchRow]]:
    """So many at once, and of each person one.

    What a trip pays may depend on those of its person that were paid before, on nobody else's.
    """
    turns = defaultdict[int, list[BatchRow]](list)
    seen = Counter[int]()
    for row in rows:
        turns[seen[row.trip.traveller_id]].append(row)
        seen[row.trip.traveller_id] += 1
    for turn in turns.values():
        for start in range(0, len(turn), TOGETHER):
            yield turn[start : start + TOGETHER]


def _try(rows: Sequence[BatchRow], desk: Desk) -> None:
    """All of *rows*, or where one of them stands in the way each half by itself."""
    try:
        with transaction.atomic():
            _pay(rows, desk)
    except (IntegrityError, Refusal) as stopped:
        if len(rows) > 1:
            half = len(rows) // 2
            _try(rows[:half], desk)
            _try(rows[half:], desk)
            return
        code = stopped.code if isinstance(stopped, Refusal) else AlreadySettled.code
        BatchRow.objects.filter(pk=rows[0].pk).update(refused=code)


def _pay(rows: Sequence[BatchRow], desk: Desk) -> None:
    asked = Trip.objects.filter(pk__in=[row.trip_id for row in rows]).order_by("pk")
    months = held_to_pay_in(asked.select_related("traveller__organisation"))
    # Of two payments of one trip the second looks after the first is done.
    list(asked.select_for_update().values_list("pk"))
    hold_days_of(*(row.trip.traveller_id for row in rows))
    signed = {row.trip_id: row.won for row in rows}
    known = trips_settled_by(desk.clerk).filter(pk__in=signed).order_by("pk")
    trips = list(judging(known))
    if len(trips) != len(signed):
        raise NotPayable("not there, or of another office")
    theirs = set(settleable_by(desk.clerk, known, at=desk.now).values_list("pk", flat=True))
    answers = [(trip, judge(trip)) for trip in trips]
    for trip, answer in answers:
        _refuse(trip, answer, won=signed[trip.pk], theirs=trip.pk in theirs)
    _write(answers, months, desk)


def _refuse(trip: Trip, answer: Answer, *, won: int, theirs: bool) -> None:
    if answer.payable == Payable.SETTLED:
        raise AlreadySettled("this trip has been paid")
    if answer.payable not in {Payable.PAYABLE, Payable.ZERO} or not theirs:
        raise NotPayable(answer.code)
    if answer.sum.won != won:
        raise BatchChanged("the sum is no longer what was signed")
    if trip.approver is None:
        raise NotPayable("nobody approved this trip")


def _write(answers: Sequence[tuple[Trip, Answer]], months: Mapping[int, str], desk: Desk) -> None:
    trips = [trip for trip, _ in answers]
    for trip in trips:
        trip.state = trip.after("settle")
    Trip.objects.filter(pk__in=[trip.pk for trip in trips]).update(state=State.SETTLED)
    entries = append_all(_leaves_of(answers, desk.clerk), at=desk.now)
    settlements = Settlement.objects.bulk_create(
        _settlement(trip, answer, entry, month=months[trip.pk], desk=desk)
        for (trip, answer), entry in zip(answers, entries, strict=True)
    )
    Line.objects.bulk_create(
        line
        for paid, (_, answer) in zip(settlements, answers, strict=True)
        for line in _lines(paid, answer)
    )
    news = [News(paid.traveller, f"settled:{paid.uid}", paid.trip.uid) for paid in settlements]
    post_all(news, kind=Post.Kind.PAID, now=desk.now)


def _leaves_of(answers: Sequence[tuple[Trip, Answer]], clerk: Person) -> list[Deed]:
    trips = [trip for trip, _ in answers]
    # A restored database may have lost the payment; what of the log came back has not.
    for deeds in deeds_of(trip.log_id for trip in trips).values():
        if deeds.count("settlement") > deeds.count("void"):
            raise AlreadySettled("the log knows a payment that the database does not")
    told = histories_of(trip.line for trip in trips)
    return [
        Deed(settled(trip, answer.sum, clerk=clerk, history=told[trip.log_id]), trip.line)
        for trip, answer in answers
    ]


def _settlement(trip: Trip, answer: Answer, entry: Entry, *, month: str, desk: Desk) -> Settlement:
    own = answer.sum.own
    return Settlement(
        trip=trip,
        batch=desk.batch,
        clerk=desk.clerk,
        approver=trip.approver,
        traveller=trip.traveller,
        claim=answer.sum.claim,
        result=answer.sum.result,
        rule_digest=own["rule_digest"],
        total=own["total"],
        settled_at=desk.now,
        leaf_n=entry.n,
        leaf_hash=entry.hash,
        month=month,
    )


def _lines(paid: Settlement, answer: Answer) -> Iterator[Line]:
    for number, line in enumerate(answer.sum.own["lines"]):
        yield Line(
            settlement=paid,
            sequence=number,
            item=line["item"],
            amount=line["amount"],
            rule=line["rule"],
            status=line["status"],
            why=line["why"],
        )
