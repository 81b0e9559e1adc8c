"""Three years of a town hall, day by day: nothing stays beyond its time, nothing goes before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from audit.models import RetentionHold
from audit.retaining import run
from audit.retention import Due
from audit.services.agree_hold import agree_hold
from audit.services.ask_hold import ask_hold
from audit.services.lift_hold import lift_hold
from ledger.models import Access, Doomed, Leaf, Opening
from ledger.services.disclose import Look, Reader, disclose
from ledger.services.sequence import sequence
from tests.audit.lives import key_file, opened_leaves, sealed_of
from tests.audit.office import renew
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.settlement.desk import EVENING, batch_of, confirmed, ordered, pay, travelled
from trips.models import Trip
from trips.services.draft import draft
from vault.sealed import shred

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@dataclass(slots=True)
class Kept:
    """One thing, until when it is kept, and how to see whether it is."""

    what: str
    until: datetime
    there: Callable[[], bool]


@dataclass(slots=True)
class Town:
    """What happens on which day of three years."""

    people: dict[str, Person]
    site: Place
    clock: Clock
    kept: list[Kept] = field(default_factory=list)
    due: list[tuple[int, Callable[[datetime], None]]] = field(default_factory=list)

    def trip(self, start: int, paid_on: int | None) -> Trip:
        """A trip *start* days after noon, to be paid on a later day, or never."""
        at = NOON + start * DAY
        ada, bora = self.people["ada"], self.people["bora"]
        if paid_on is None:
            trip = travelled(ordered(ada, bora, self.site, starts_at=at))
            self._keeps(f"trip of day {start}", trip, trip.ends_at + 365 * DAY)
            return trip
        trip = confirmed(ada, bora, self.site, starts_at=at)
        self.due.append((paid_on, lambda now: self.pay(trip, now)))
        return trip

    def pay(self, trip: Trip, now: datetime) -> None:
        felix = self.people["felix"]
        answer = pay(felix, batch_of(felix, trip, now=now))
        assert answer.status_code == 200
        self._keeps(f"trip paid {now:%F}", trip, now + 60 * DAY)

    def draft(self, now: datetime) -> None:
        plan = plan_of(self.people["bora"], self.site, starts_at=now)
        row = draft(traveller=self.people["ada"], plan=plan, now=now)
        there = Trip.objects.filter(pk=row.pk).exists
        self.kept.append(Kept("draft", row.ends_at + 30 * DAY, there))

    def look(self, now: datetime) -> None:
        disclose(
            reader=Reader(self.people["felix"], "clerk", "10.0.0.1"),
            looks=[Look(self.people["ada"], "place")],
            method="view",
            action="trip",
            purpose="settlement",
            at=now,
        )
        row = Access.objects.latest("pk")
        until = now + 730 * DAY
        self.kept.append(Kept("look", until, Access.objects.filter(pk=row.pk).exists))
        who = Opening.objects.filter(leaf_hash=bytes(row.leaf_hash), group="id")
        self.kept.append(Kept("who looked", until, who.exists))

    def live(self, day: int) -> None:
        for wanted, act in self.due:
            if wanted == day:
                act(self.clock())

    def stirs(self, day: int) -> bool:
        """Whether somebody acts on *day*, or a limit is within three days of it."""
        near = any(abs(one.until - self.clock()) <= 3 * DAY for one in self.kept)
        return near or any(wanted == day for wanted, _ in self.due)

    def _keeps(self, what: str, trip: Trip, until: datetime) -> None:
        there = lambda: bool(sealed_of(trip)) and bool(opened_leaves(trip))  # noqa: E731
        some = lambda: bool(sealed_of(trip)) or bool(opened_leaves(trip))  # noqa: E731
        self.kept += [Kept(what, until, there), Kept(what, until, some)]


@pytest.fixture
def town(ada: Person, bora: Person, felix: Person, site: Place, clock: Clock) -> Town:
    return Town({"ada": ada, "bora": bora, "felix": felix}, site, clock)


@pytest.fixture
def paid(town: Town) -> Trip:
    """A trip whose positions are over sixty days from the clock's now."""
    trip = town.trip(0, 0)
    town.live(0)
    return trip


def test_over_three_years_nothing_is_late_and_nothing_is_early(town: Town) -> None:
    for start, paid_on in [(0, 1), (1, 41), (9, None), (20, 110), (33, None), (34, 234)]:
        town.trip(start, paid_on)
    town.due += [(n * 61, town.look) for n in range(6)]
    town.due += [(40, town.draft), (400, town.draft)]
    seen, began = 0, EVENING + 35 * DAY
    for day in range(3 * 365):
        town.clock.at = began + day * DAY
        # Far from every limit and every deed one day is like the next: of those, one a week.
        if day % 7 and not town.stirs(day):
            continue
        town.live(day)
        run(now=town.clock())
        over = [one for one in town.kept if one.until <= town.clock()]
        assert [one.what for one in over if one.there()] == []
        assert [one.what for one in over if town.clock() - one.until > DAY] == []
        town.kept = [one for one in town.kept if one not in over]
        seen += len(over)
        if day % 10 == 0 or any(one.until - town.clock() <= DAY for one in town.kept):
            assert [one.what for one in town.kept if not one.there()] == []

    assert town.kept == []
    assert seen == 2 * 6 + 2 * 6 + 2
    assert not Doomed.objects.exists()


class Killed(BaseException):
    """As sudden as SIGKILL: nobody catches it."""


STEPS = [
    "ledger.erasing.put",
    "ledger.erasing.Opening",
    "trips.services.erase_positions.doom",
    "trips.services.erase_positions.empty",
    "trips.services.shred_keys.is_needed",
    "vault.sealed.shred._overwrite",
    "vault.sealed.shred.settle",
    "audit.retaining.shred_keys",
    "audit.retaining.wipe",
    "audit.retaining.sign_note",
]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_run_finishes_it(
    step: str, town: Town, paid: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    trip = paid
    now = town.clock.later(days=60)

    def dies(*args: Any, **said: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        if step.endswith("Opening"):
            patch.setattr("ledger.erasing.Opening.objects.filter", dies)
        else:
            patch.setattr(step, dies)
        with pytest.raises(Killed):
            run(now=now)
    # Never half: all that a trip holds of its positions is there, or nothing is.
    shred.forget()
    boxes = sealed_of(trip)
    assert (len(boxes), len(opened_leaves(trip))) in {(10, 3), (0, 0)}
    assert all(box.open() for box in boxes)
    run(now=now)

    assert sealed_of(trip) == []
    assert opened_leaves(trip) == set()
    assert list(key_file(trip).parent.glob("*.loc*")) == []
    assert not Doomed.objects.exists()
    sequence(now=now)
    erased = [row for row in Leaf.objects.all() if b'"t":"erasure"' in bytes(row.entry)]
    assert len(erased) == 1


def test_a_hold_of_two_keeps_what_is_over_until_it_is_lifted(
    town: Town, paid: Trip, iris: Person, olga: Person
) -> None:
    trip = paid
    renew(iris)
    now = town.clock.later(days=60)
    hold = ask_hold(iris, trip=trip, person=None, reason="감사원 조사 중입니다", now=now - DAY)
    agree_hold(hold, by=olga, now=now - DAY)

    for later in (0, 8, 100):
        run(now=now + later * DAY)
        assert sealed_of(trip)
    assert Due(now).counts()["positions_held"] == 1
    lift_hold(hold, by=olga, now=now + 101 * DAY)
    run(now=now + 101 * DAY)
    assert sealed_of(trip) == []


def test_a_hold_nobody_else_agreed_to_lapses_after_a_week(
    town: Town, paid: Trip, iris: Person
) -> None:
    trip = paid
    renew(iris)
    now = town.clock.later(days=60)
    ask_hold(iris, trip=None, person=trip.traveller, reason="감사원 조사 중입니다", now=now)

    run(now=now + 7 * DAY - timedelta(seconds=1))
    assert sealed_of(trip)
    run(now=now + 7 * DAY)
    assert sealed_of(trip) == []
    assert RetentionHold.objects.get().agreed_at is None
