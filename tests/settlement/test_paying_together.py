"""Rows that are paid together: as if each were paid alone, and for a fraction of the asking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import Department, Grant, Organisation, Person, Place, Post, Role
from accounts.services.change_postbox import change_postbox
from ledger.models import TripHead
from ledger.selectors import deeds_of
from settlement import laying, paying_out
from settlement.laying import payable_in
from settlement.models import Batch, BatchRow, Hold, Line, Settlement
from settlement.paying import Answer, for_judging, judge
from settlement.paying_out import pay_rows
from settlement.services.unsettle import unsettle
from tests.conftest import NOON, agree
from tests.settlement.clerk_month import brought_in, taken
from tests.settlement.desk import EVENING, batch_of, confirmed, statements_of, uids
from tests.settlement.sheets.samples import row, xlsx
from trips.models import Appeal, Correction, State, Trip
from trips.rules import rule_sets

Staff = Sequence[Person]


@pytest.fixture
def staff(hall: Organisation, office: Department, workplace: Place) -> list[Person]:
    return [someone(f"someone{n}", hall, office, workplace) for n in range(6)]


def someone(name: str, hall: Organisation, office: Department, workplace: Place) -> Person:
    who = Person(organisation=hall, department=office, workplace=workplace, name=name)
    who.put_number(f"T-{name}")
    who.set_unusable_password()
    who.save()
    agree(who, at=NOON - timedelta(days=30))
    Grant.objects.create(person=who, role=Role.TRAVELLER, since=NOON - timedelta(days=30))
    return who


@pytest.fixture
def trips(staff: Staff, bora: Person, site: Place) -> list[Trip]:
    """One of each, on the same day, of 20,000 won."""
    return [confirmed(who, bora, site) for who in staff]


def refusals(batch: Batch) -> dict[int, str]:
    return dict(BatchRow.objects.filter(batch=batch).values_list("trip", "refused"))


def expect_paid_once(trips: Sequence[Trip]) -> None:
    """Each with its state, its leaf, its lines and its message."""
    for trip in trips:
        paid = Settlement.objects.get(trip=trip, voided_at=None)
        head = TripHead.objects.get(pk=trip.log_id)
        assert Trip.objects.get(pk=trip.pk).state == State.SETTLED
        assert (paid.leaf_n, bytes(paid.leaf_hash)) == (head.n, bytes(head.leaf_hash))
        assert deeds_of([trip.log_id])[trip.log_id].count("settlement") == 1
        assert sum(Line.objects.filter(settlement=paid).values_list("amount", flat=True)) == 20_000
        assert Post.objects.filter(person=trip.traveller, dedupe=f"settled:{paid.uid}").count() == 1


def expect_untouched(trip: Trip) -> None:
    assert not Settlement.objects.filter(trip=trip).exists()
    assert Trip.objects.get(pk=trip.pk).state == State.CONFIRMED
    assert "settlement" not in deeds_of([trip.log_id])[trip.log_id]
    assert not Post.objects.filter(person=trip.traveller, kind=Post.Kind.PAID).exists()


def test_many_people_are_paid_by_as_many_statements_as_two(
    felix: Person, trips: list[Trip]
) -> None:
    rule_sets()
    # Whoever is first makes the row of the month.
    pay_rows(batch_of(felix, trips[0]), now=EVENING)
    few, many = batch_of(felix, *trips[1:3]), batch_of(felix, *trips[3:])

    assert statements_of(partial(pay_rows, few, now=EVENING)) == statements_of(
        partial(pay_rows, many, now=EVENING)
    )
    expect_paid_once(trips)


def test_a_batch_costs_so_many_statements_a_turn_and_no_more(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    """Of one person one after another, for what a day pays depends on what was paid before."""
    rule_sets()
    days = [confirmed(ada, bora, site, starts_at=NOON - timedelta(days=2 * n)) for n in range(3)]

    one = statements_of(partial(pay_rows, batch_of(felix, days[0]), now=EVENING))
    two = statements_of(partial(pay_rows, batch_of(felix, *days[1:]), now=EVENING))

    assert one <= 35
    assert two < 2 * one
    expect_paid_once(days)


@pytest.mark.parametrize("wrong", range(6))
def test_one_that_cannot_be_paid_stands_in_nobodys_way(
    felix: Person, trips: list[Trip], wrong: int
) -> None:
    batch, held = batch_of(felix, *trips), trips[wrong]
    Hold.objects.create(trip=held, reason_code="claim.appeal-open", at=EVENING, by=felix)

    pay_rows(batch, now=EVENING)

    said = {trip.pk: "" for trip in trips} | {held.pk: "settlement.not-payable"}
    assert refusals(batch) == said
    expect_untouched(held)
    expect_paid_once([trip for trip in trips if trip != held])


def test_each_that_cannot_be_paid_has_its_own_reason(felix: Person, trips: list[Trip]) -> None:
    held, paid, changed, lost, *rest = trips
    batch = batch_of(felix, *trips)
    Hold.objects.create(trip=held, reason_code="claim.appeal-open", at=EVENING, by=felix)
    pay_rows(batch_of(felix, paid, lost), now=EVENING)
    changed.distances.update(one_way_m=900)
    # A database that was restored lost this payment; the log did not.
    Line.objects.filter(settlement__trip=lost).delete()
    Settlement.objects.filter(trip=lost).delete()
    Trip.objects.filter(pk=lost.pk).update(state=State.CONFIRMED)

    pay_rows(batch, now=EVENING)

    assert refusals(batch) == {trip.pk: "" for trip in rest} | {
        held.pk: "settlement.not-payable",
        paid.pk: "settlement.already",
        changed.pk: "step-up.batch-changed",
        lost.pk: "settlement.already",
    }
    expect_paid_once([paid, *rest])
    expect_untouched(changed)
    assert not Settlement.objects.filter(trip=lost).exists()


def test_what_the_database_itself_refuses_is_refused_alone(
    felix: Person, trips: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that both found a trip unpaid: `paid_once` has the last word, and for one row only."""
    twice = trips[3]
    batch = batch_of(felix, *trips)
    pay_rows(batch_of(felix, twice), now=EVENING)
    Trip.objects.filter(pk=twice.pk).update(state=State.CONFIRMED)
    # As it looked before the other was done.
    monkeypatch.setattr(
        "settlement.paying_out.judge",
        lambda trip: judge(_unpaid(trip)),
    )
    monkeypatch.setattr(
        "settlement.paying_out.deeds_of", lambda names: {name: [] for name in names}
    )

    pay_rows(batch, now=EVENING)

    assert refusals(batch) == {trip.pk: "" for trip in trips} | {twice.pk: "settlement.already"}
    expect_paid_once([trip for trip in trips if trip != twice])
    assert Settlement.objects.filter(trip=twice).count() == 1
    assert deeds_of([twice.log_id])[twice.log_id].count("settlement") == 1


def _unpaid(trip: Trip) -> Trip:
    vars(trip)["paid_pk"] = None
    return trip


def test_told_twice_nothing_is_paid_twice(felix: Person, trips: list[Trip]) -> None:
    batch = batch_of(felix, *trips)

    pay_rows(batch, now=EVENING)
    pay_rows(Batch.objects.get(pk=batch.pk), now=EVENING)

    expect_paid_once(trips)
    assert set(refusals(batch).values()) == {""}


def test_cut_off_in_the_middle_it_goes_on_with_what_was_not_reached(
    felix: Person, trips: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paying_out, "TOGETHER", 2)
    batch = batch_of(felix, *trips)

    class CutOff(Exception):
        pass

    def tell(done: int, total: int) -> None:
        assert total == len(trips)
        if done == 4:
            raise CutOff

    with pytest.raises(CutOff):
        pay_rows(batch, now=EVENING, tell=tell)
    assert Settlement.objects.count() == 4
    pay_rows(batch, now=EVENING)

    expect_paid_once(trips)


def test_trips_of_one_day_in_one_batch_stay_within_the_cap(
    felix: Person, ada: Person, bora: Person, site: Place, trips: list[Trip]
) -> None:
    short = [
        confirmed(ada, bora, site, starts_at=NOON + timedelta(hours=hour), hours=1.5)
        for hour in (-3, -1, 1, 3)
    ]

    pay_rows(batch_of(felix, *trips, *short), now=EVENING)

    paid = Settlement.objects.filter(traveller=ada).order_by("trip")
    assert [row.total for row in paid] == [10_000, 10_000, 0, 0]
    expect_paid_once(trips)


def test_a_trip_taken_back_is_paid_anew_with_the_others(
    felix: Person, flora: Person, trips: list[Trip]
) -> None:
    pay_rows(batch_of(felix, trips[0]), now=EVENING)
    paid = Settlement.objects.get()
    for clerk in (felix, flora):
        unsettle(paid, clerk=clerk, reason="날짜가 잘못되었습니다", now=EVENING)

    pay_rows(batch_of(felix, *trips), now=EVENING)

    assert Settlement.objects.filter(voided_at=None).count() == len(trips)
    assert deeds_of([trips[0].log_id])[trips[0].log_id].count("settlement") == 2
    expect_paid_once(trips[1:])


def test_everybody_hears_of_it_as_they_asked_to(
    felix: Person, staff: list[Person], trips: list[Trip], settings: Any
) -> None:
    settings.EMAIL_HOST = "localhost"
    said: dict[str, Any] = {
        "silent": (),
        "unshown": (),
        "quiet_from": 21,
        "quiet_until": 8,
        "zone": "Asia/Seoul",
    }
    change_postbox(staff[1], now=EVENING, address="one@example.kr", **said)
    change_postbox(staff[2], now=EVENING, address="two@example.kr", **said | {"silent": ["paid"]})

    pay_rows(batch_of(felix, *trips), now=EVENING)

    told = dict(Post.objects.filter(kind=Post.Kind.PAID).values_list("person", "mail"))
    waits = {staff[1].pk: Post.Mail.WAITING}
    assert told == {who.pk: waits.get(who.pk, told[staff[0].pk]) for who in staff}
    assert told[staff[0].pk] != Post.Mail.WAITING


# -- taking over -------------------------------------------------------------------------


def test_many_rows_are_taken_over_by_as_many_statements_as_two(
    felix: Person, staff: list[Person], bora: Person
) -> None:
    """*bora* is whom the sheet's trips were approved by."""
    del bora
    cost = []
    for day, some in ((10, staff[:2]), (11, staff[2:])):
        said = {"E": f"2026-11-{day} 09:00", "F": f"2026-11-{day} 14:00"}
        brought_in(felix, xlsx(*(row(O=who.name, B=n + 1, **said) for n, who in enumerate(some))))
        cost.append(statements_of(partial(taken, felix)))

    assert Trip.objects.filter(source="sheet", state=State.CONFIRMED).count() == len(staff)
    assert cost[1] <= cost[0]
    for trip in Trip.objects.all():
        assert sorted(deeds_of([trip.log_id])[trip.log_id]) == ["approval", "trip-open"]
        assert trip.open_hash
        assert trip.stops.count() == 1
        assert Post.objects.filter(person=trip.traveller, about=trip.uid).count() == 1
    assert Hold.objects.count() == len(staff)
    assert len(set(Trip.objects.values_list("number", flat=True))) == len(staff)


# -- laying ------------------------------------------------------------------------------


def test_what_is_known_to_be_held_is_not_judged_at_every_press(
    felix: Person, trips: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, closed, corrected, appealed, untouched, free = trips
    Hold.objects.create(trip=held, reason_code="order.missing", at=EVENING, by=felix)
    Hold.objects.create(
        trip=closed,
        reason_code="claim.settled-twice",
        state=Hold.State.RESOLVED,
        resolution_code="duplicate-left-out",
        at=EVENING,
        by=felix,
    )
    Correction.objects.create(
        trip=corrected,
        what="vehicle",
        value="walk",
        reason="걸어감",
        at=EVENING,
        by=corrected.traveller,
    )
    Appeal.objects.create(
        trip=appealed,
        about="verdict",
        text="아닙니다",
        at=EVENING,
        due_on=EVENING.date(),
        by=appealed.traveller,
    )
    untouched.check_ins.update(withdrawn_at=EVENING)
    looked: list[Trip] = []

    def looking(trip: Trip) -> Answer:
        looked.append(trip)
        return judge(trip)

    monkeypatch.setattr(laying, "judge", looking)

    assert list(payable_in(felix, "2026-11", batch=Batch(), at=EVENING)) == [free.uid]
    assert looked == [free]
    for trip in for_judging(Trip.objects.exclude(pk=free.pk)):
        assert judge(trip).payable not in {"payable", "zero"}


def test_what_is_freed_is_found_at_the_next_press(felix: Person, trips: list[Trip]) -> None:
    for trip in trips[:3]:
        trip.check_ins.update(withdrawn_at=EVENING)
    assert list(payable_in(felix, "2026-11", batch=Batch(), at=EVENING)) == uids(trips[3:])

    for trip, reason, answer in (
        (trips[0], "evidence.supplement", "other-proof"),
        (trips[1], "evidence.supplement", "returned"),
        (trips[2], "evidence.review", "other-proof"),
    ):
        Hold.objects.create(
            trip=trip,
            reason_code=reason,
            blocking=False,
            state=Hold.State.RESOLVED,
            resolution_code=answer,
            resolved_at=EVENING,
            at=EVENING,
            by=felix,
        )
    found = payable_in(felix, "2026-11", batch=Batch(), at=EVENING)

    assert list(found) == uids([trips[0], *trips[3:]])


def test_every_trip_that_judging_would_pay_is_laid(
    felix: Person, ada: Person, bora: Person, site: Place, trips: list[Trip]
) -> None:
    """Neighbours in time, some sharing a date and some not, are told apart as one by one."""
    for days, hours in ((1, 5), (1, 1), (2, 30), (4, 5), (5, 5)):
        confirmed(ada, bora, site, starts_at=NOON - timedelta(days=days, hours=hours), hours=1.5)
    every = for_judging(Trip.objects.filter(state=State.CONFIRMED)).order_by("pk")
    alone = {trip.uid: judge(trip) for trip in every}

    found = payable_in(felix, "2026-11", batch=Batch(), at=EVENING)

    assert found == {
        uid: said.sum.won for uid, said in alone.items() if said.payable in {"payable", "zero"}
    }
    assert len(found) > len(trips)
