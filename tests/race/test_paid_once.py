"""Several clerks at once: a trip is paid once, whoever is first.

On PostgreSQL six threads settle at the same moment, each over a connection of its own.
SQLite has one writer at a time: there the same six come one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Department, Grant, Organisation, Person, Place, Role, StepUp
from accounts.step_up import Answer
from attest.errors import AlreadySettled, Refusal
from attest.values import month_of
from ledger.models import Leaf, Outbox, TripHead
from ledger.sequencer import run
from settlement.models import Absence, Batch, BatchRow, Hold, Month, Settlement
from settlement.months import month_for
from settlement.paying import judge
from settlement.services.check_month import check_month
from settlement.services.close_month import close_month
from settlement.services.fill_batch import fill_batch
from settlement.services.settle import settle
from settlement.services.unsettle import unsettle
from tests.conftest import NOON, agree
from tests.settlement.desk import EVENING, batch_of, confirmed, key_of, sign
from trips.models import State, Trip
from trips.services.allow_standing import allow_standing

pytestmark = pytest.mark.django_db(transaction=True)
CLERKS = 6
# Five days of November a turn.
TURNS = 4


@pytest.fixture
def clerks(hall: Organisation, office: Department, workplace: Place) -> list[Person]:
    return [clerk(n, hall, office, workplace) for n in range(CLERKS)]


def clerk(number: int, hall: Organisation, office: Department, workplace: Place) -> Person:
    who = Person(organisation=hall, department=office, workplace=workplace, name=f"clerk {number}")
    who.put_number(f"C-{number}")
    who.set_unusable_password()
    who.save()
    Grant.objects.create(person=who, role=Role.CLERK, since=NOON - timedelta(days=30))
    key_of(who)
    return who


def hands() -> int:
    return {"postgresql": CLERKS, "sqlite": 1}[connection.vendor]


def rounds() -> range:
    """Chance has twenty turns where there is a race, and none where there is a queue."""
    return range({"postgresql": 20, "sqlite": 2}[connection.vendor])


def all_at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Every deed by a hand of its own, and what came of it: an answer, or its refusal."""
    ready = Barrier(hands())

    def hand(deed: Callable[[], Any]) -> Any:
        try:
            ready.wait()
            return deed()
        except Refusal as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(hands()) as workers:
        return list(workers.map(hand, deeds))


def settling(who: Person, batch: Batch, step_up: dict[str, Any]) -> Callable[[], Any]:
    answer = Answer.read(step_up)
    return partial(settle, batch, clerk=who, step_up=answer.uid, proof=answer.proof, now=EVENING)


def signed(who: Person, batch: Batch) -> Callable[[], Any]:
    return settling(who, batch, sign(who, bytes(batch.hash or b"")))


def entries() -> list[bytes]:
    """What the log holds: the placed ones in their order, then those that wait."""
    placed = [bytes(row.entry) for row in Leaf.objects.order_by("index")]
    return placed + [bytes(row.entry) for row in Outbox.objects.order_by("pk")]


def expect_a_whole_line(trip: Trip) -> None:
    """Every leaf of the trip names the one before it, and the head knows them all."""
    head = TripHead.objects.get(pk=trip.log_id)
    line = [row for row in entries() if f'"trip":"{trip.log_id}"'.encode() in row]
    hashes = [sha256(b"\0" + row).digest() for row in line]
    assert bytes(head.hashes) == b"".join(hashes)
    assert (head.n, bytes(head.leaf_hash)) == (len(line) - 1, hashes[-1])
    assert sum(b'"t":"settlement"' in row for row in line) == 1


def test_a_trip_in_six_batches_is_paid_once(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    for turn in rounds():
        trip = confirmed(ada, bora, site, starts_at=NOON - timedelta(days=turn))
        batches = [batch_of(who, trip) for who in clerks]

        all_at_once([signed(who, batch) for who, batch in zip(clerks, batches, strict=True)])

        paid = Settlement.objects.get(trip=trip, voided_at=None)
        refused = BatchRow.objects.filter(trip=trip).exclude(batch=paid.batch)
        assert Settlement.objects.filter(trip=trip).count() == 1
        assert set(refused.values_list("refused", flat=True)) == {"settlement.already"}
        assert BatchRow.objects.get(batch=paid.batch).refused == ""
        assert Trip.objects.get(pk=trip.pk).state == State.SETTLED
        expect_a_whole_line(trip)
    assert set(Batch.objects.values_list("state", flat=True)) == {"settled"}
    assert run(now=EVENING) > 0
    assert not Outbox.objects.exists()


def test_batches_that_cross_each_other_pay_every_trip_once(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    """Each clerk lays the same trips in another order: nobody waits for ever."""
    trips = [confirmed(ada, bora, site, starts_at=NOON - timedelta(days=n)) for n in range(CLERKS)]
    batches = []
    for n, who in enumerate(clerks):
        batch = batch_of(who)
        for trip in trips[n:] + trips[:n]:
            batch = laid(batch, who, trip)
        batches.append(batch)

    all_at_once([signed(who, batch) for who, batch in zip(clerks, batches, strict=True)])

    assert Settlement.objects.count() == CLERKS
    assert {row.trip for row in Settlement.objects.all()} == set(trips)
    refused = BatchRow.objects.exclude(refused="")
    assert refused.count() == CLERKS * CLERKS - CLERKS
    assert set(refused.values_list("refused", flat=True)) == {"settlement.already"}
    for trip in trips:
        expect_a_whole_line(trip)


def test_batches_of_many_people_that_cross_each_other_pay_every_trip_once(
    clerks: list[Person], bora: Person, site: Place
) -> None:
    """Each paying holds the trips of several people at once, laid in another order by each clerk.

    The travellers are the clerks themselves: each lays the trips of all others.
    """
    for who in clerks:
        agree(who, at=NOON - timedelta(days=30))
    for turn in list(rounds())[:TURNS]:
        day = NOON - timedelta(days=turn)
        trips = [confirmed(who, bora, site, starts_at=day) for who in clerks]
        batches = []
        for n, who in enumerate(clerks):
            batch = batch_of(who)
            for trip in trips[n + 1 :] + trips[:n]:
                batch = laid(batch, who, trip)
            batches.append(batch)

        all_at_once([signed(who, batch) for who, batch in zip(clerks, batches, strict=True)])

        paid = Settlement.objects.filter(trip__in=trips)
        assert sorted(paid.values_list("trip", flat=True)) == sorted(trip.pk for trip in trips)
        refused = BatchRow.objects.filter(batch__in=batches).exclude(refused="")
        assert refused.count() == CLERKS * (CLERKS - 1) - CLERKS
        assert set(refused.values_list("refused", flat=True)) == {"settlement.already"}
        for trip in trips:
            expect_a_whole_line(trip)


def laid(batch: Batch, who: Person, trip: Trip) -> Batch:
    return fill_batch(batch, clerk=who, add=[trip.uid], now=EVENING)


def test_one_signature_sent_six_times_settles_once(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    trip, who = confirmed(ada, bora, site), clerks[0]
    batch = batch_of(who, trip)
    deed = signed(who, batch)

    came = all_at_once([deed] * CLERKS)

    assert sorted(map(str, came)).count("trip.move-refused") == CLERKS - 1
    assert Settlement.objects.count() == 1
    assert BatchRow.objects.get().refused == ""
    assert StepUp.objects.get().used_at == EVENING
    expect_a_whole_line(trip)


def test_trips_of_one_day_settled_at_once_stay_within_the_cap(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    trips = [
        confirmed(ada, bora, site, starts_at=NOON + timedelta(hours=hour), hours=1.5)
        for hour in (-3, -1, 1, 3)
    ]
    pairs = list(zip(clerks, trips, strict=False))

    all_at_once([signed(who, batch_of(who, trip)) for who, trip in pairs] + [tuple] * 2)

    paid = Settlement.objects.order_by("trip")
    assert [row.total for row in paid] == [10_000, 10_000, 0, 0]


def test_a_settlement_taken_back_by_all_at_once_is_taken_back_once(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    trip, who = confirmed(ada, bora, site), clerks[0]
    signed(who, batch_of(who, trip))()
    paid = Settlement.objects.get()
    reason = "날짜가 잘못되었습니다"

    came = all_at_once(
        [partial(unsettle, paid, clerk=own, reason=reason, now=EVENING) for own in clerks]
    )

    assert [one for one in came if one is False] == [False]
    assert [one for one in came if one is True] == [True]
    assert sum(one == "trip.move-refused" for one in came) == CLERKS - 2
    assert Trip.objects.get(pk=trip.pk).state == State.CONFIRMED
    assert sum(b'"t":"void"' in entry for entry in entries()) == 1


def days_of(turn: int, ada: Person, bora: Person, site: Place) -> list[Trip]:
    days = range(turn * (CLERKS - 1), (turn + 1) * (CLERKS - 1))
    return [confirmed(ada, bora, site, starts_at=NOON - timedelta(days=n)) for n in days]


def test_a_month_closed_while_its_trips_are_paid_gets_none_of_them_afterwards(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    """Who closes takes the sum of the month; it is the same for ever after."""
    month = month_for(clerks[-1], month_of(NOON))
    for turn in list(rounds())[:TURNS]:
        trips = days_of(turn, ada, bora, site)
        pairs = zip(clerks, trips, strict=False)
        paying = [signed(who, batch_of(who, trip)) for who, trip in pairs]
        seen: list[int] = []

        def closing(seen: list[int] = seen) -> None:
            with transaction.atomic():
                close_month(month, clerk=clerks[-1], now=EVENING)
                seen.append(Settlement.objects.filter(month=month.name).count())

        all_at_once([*paying, closing])

        assert [Settlement.objects.filter(month=month.name).count()] == seen
        assert Settlement.objects.filter(trip__in=trips).count() == len(trips)
        Month.objects.filter(pk=month.pk).update(state=Month.State.OPEN)


def test_a_sum_for_the_month_waits_while_a_day_of_it_is_paid(
    clerks: list[Person],
    ada: Person,
    bora: Person,
    olga: Person,
    site: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is allowed between judging and paying, where nothing is settled yet to refuse it."""
    trip, month = confirmed(ada, bora, site), month_of(NOON)
    paying = signed(clerks[0], batch_of(clerks[0], trip))
    allow = partial(allow_standing, ada, first=month, last=month, monthly_won=140_000, by=olga)

    def allowing() -> Any:
        try:
            return allow(reason="상시출장", now=EVENING)
        except Refusal as refused:
            return refused.code
        finally:
            if connection.vendor != "sqlite":
                connection.close()

    with ThreadPoolExecutor(1) as other:
        waiting: list[Future[Any]] = []

        def meanwhile(judged: Trip) -> Any:
            answer = judge(judged)
            waiting.append(other.submit(allowing))
            wait(waiting, timeout=1)
            return answer

        if hands() > 1:
            monkeypatch.setattr("settlement.paying_out.judge", meanwhile)
        paying()
        said = waiting[0].result() if waiting else allowing()

    assert Settlement.objects.get(trip=trip).total == 20_000
    assert said == AlreadySettled.code
    assert not ada.standing_allowances.exists()


def test_a_check_of_the_month_and_payments_of_it_do_not_wait_for_each_other_for_ever(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    month = month_for(clerks[-1], month_of(NOON))
    for turn in list(rounds())[:TURNS]:
        trips = days_of(turn, ada, bora, site)
        for trip in trips:
            Absence.objects.create(
                organisation=ada.organisation,
                person=ada,
                kind=Absence.Kind.LEAVE,
                starts_at=trip.starts_at,
                ends_at=trip.ends_at,
            )
        pairs = zip(clerks, trips, strict=False)
        paying = [signed(who, batch_of(who, trip)) for who, trip in pairs]
        checking = partial(check_month, month, clerk=clerks[-1], now=EVENING)

        all_at_once([*paying, checking])

        paid = set(Settlement.objects.filter(trip__in=trips).values_list("trip", flat=True))
        held = set(Hold.objects.filter(trip__in=trips).values_list("trip", flat=True))
        assert paid | held == {trip.pk for trip in trips}
        assert not paid & held


def test_a_hundred_attempts_at_one_batch_pay_it_once(
    clerks: list[Person], ada: Person, bora: Person, site: Place
) -> None:
    """Each with a signature of its own, six hands at a time: nothing is paid a second time."""
    trips = [confirmed(ada, bora, site, starts_at=NOON - timedelta(days=n)) for n in range(3)]
    who = clerks[0]
    batch = batch_of(who, *trips)
    deeds = [signed(who, batch) for _ in range(16)]
    attempts = 96 // hands() * hands() + hands()

    came = all_at_once([deeds[n % len(deeds)] for n in range(max(attempts, 100))])

    assert len([one for one in came if isinstance(one, Batch)]) == 1
    assert {row.trip_id for row in Settlement.objects.all()} == {trip.pk for trip in trips}
    assert Settlement.objects.count() == len(trips)
    for trip in trips:
        expect_a_whole_line(trip)
