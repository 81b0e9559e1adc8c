"""What laying and paying many trips asks of the database, and whom it asks about."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.models import Person, Place
from attest.errors import NotPayable
from settlement import laying
from settlement.laying import payable_in
from settlement.models import Batch, BatchRow, Settlement
from settlement.paying_out import pay_rows
from settlement.selectors import may_settle, settleable_by
from settlement.services.fill_batch import fill_batch
from settlement.services.open_batch import open_batch
from tests.conftest import NOON
from tests.settlement.desk import (
    EVENING,
    batch_of,
    confirmed,
    made_clerk,
    pay,
    statements_of,
    uids,
)
from trips.models import Decision, State, Trip
from trips.rules import rule_sets


@pytest.fixture
def six(ada: Person, bora: Person, site: Place) -> list[Trip]:
    """On six days apart before today, of 20,000 won each."""
    days = [NOON - timedelta(days=n) for n in range(12, 0, -2)]
    return [confirmed(ada, bora, site, starts_at=day, hours=5) for day in days]


def test_a_batch_asks_as_often_for_many_trips_as_for_few(felix: Person, six: list[Trip]) -> None:
    batch = open_batch(clerk=felix, now=EVENING)
    rule_sets()

    def lay(some: list[Trip]) -> tuple[int, int]:
        Trip.objects.exclude(pk__in=[trip.pk for trip in some]).update(state=State.RETURNED)
        found: dict[UUID, int] = {}
        looking = statements_of(
            lambda: found.update(payable_in(felix, "2026-11", batch=batch, at=EVENING))
        )
        assert list(found) == uids(some)
        laying = statements_of(
            lambda: fill_batch(batch, clerk=felix, add=found, judged=found, now=EVENING)
        )
        fill_batch(batch, clerk=felix, remove=found, now=EVENING)
        Trip.objects.update(state=State.CONFIRMED)
        return looking, laying

    lay(six[:1])
    assert lay(six[:2]) == lay(six)


def test_each_row_of_a_batch_is_paid_by_as_many_statements(felix: Person, six: list[Trip]) -> None:
    """Of one person one after another: so many more of a batch of any length."""
    cost = []
    for some in (six[:1], six[1:2], six[2:]):
        batch = batch_of(felix, *some)
        cost.append(statements_of(partial(pay_rows, batch, now=EVENING)) / len(some))
    assert Settlement.objects.count() == len(six)
    assert cost[2] <= cost[1]


def test_a_full_purse_does_not_look_through_the_whole_month(
    felix: Person, six: list[Trip], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laying, "MOST_LEFT", 2)
    settings.BATCH_LIMIT_WON = 39_999
    seen: list[tuple[int, int]] = []

    found = payable_in(
        felix, "2026-11", batch=Batch(), at=EVENING, tell=lambda *said: seen.append(said)
    )

    assert found == {six[0].uid: 20_000}
    # Two did not fit; the fourth is no longer judged.
    assert seen == [(0, 6), (1, 6), (2, 6), (3, 6)]


def test_what_no_batch_of_one_person_holds_stands_in_nobodys_way(
    felix: Person, six: list[Trip], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laying, "MOST_LEFT", 1)
    for trip in six[3:]:
        trip.distances.update(one_way_m=900)
    settings.BATCH_LIMIT_WON = 19_999

    found = payable_in(felix, "2026-11", batch=Batch(), at=EVENING)

    assert found == {trip.uid: 0 for trip in six[3:]}


def test_one_question_and_many_say_alike_who_may_settle(
    ada: Person, bora: Person, felix: Person, olga: Person, payable: Trip, second: Trip
) -> None:
    Decision.objects.create(trip=second, step=2, decision="approve", by=felix, at=EVENING)
    ada, bora = made_clerk(ada), made_clerk(bora)
    for person in (ada, bora, felix, olga):
        said = settleable_by(person, Trip.objects.all(), at=EVENING)
        assert set(said) == {
            trip for trip in Trip.objects.all() if may_settle(person, trip, at=EVENING)
        }
    assert set(settleable_by(felix, Trip.objects.all(), at=EVENING)) == {payable}


def test_a_sum_judged_before_is_laid_as_it_was_and_judged_again_when_it_is_paid(
    felix: Person, payable: Trip
) -> None:
    add = payable_in(felix, "2026-11", batch=Batch(), at=EVENING)
    assert add == {payable.uid: 20_000}
    batch = open_batch(clerk=felix, now=EVENING)
    # Since then it turned out to be near: what was signed is no more what it comes to.
    payable.distances.update(one_way_m=900)
    fill_batch(batch, clerk=felix, add=add, judged=add, now=EVENING)
    pay(felix, Batch.objects.get())

    assert not Settlement.objects.exists()
    assert BatchRow.objects.get().refused in {"step-up.batch-changed", "settlement.not-payable"}


def test_what_was_judged_and_is_no_longer_approved_or_of_this_office_is_not_laid(
    felix: Person, payable: Trip
) -> None:
    batch, wrong = open_batch(clerk=felix, now=EVENING), uuid4()
    with pytest.raises(NotPayable):
        fill_batch(batch, clerk=felix, add=[wrong], judged={wrong: 1}, now=EVENING)
    Trip.objects.update(state=State.RETURNED)
    with pytest.raises(NotPayable):
        fill_batch(batch, clerk=felix, add=[payable.uid], judged={payable.uid: 20_000}, now=EVENING)
    assert not BatchRow.objects.exists()
