"""Eight weeks of one city hall: who goes where when, and what goes wrong on the way.

A story is a list of steps, each with its moment; ``tell`` plays all stories of all people
in order of time, as the log asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random  # noqa: TID251 -- one seed, the same city hall every time
from typing import TYPE_CHECKING, Any

from attest.values import KST
from config.demo.cast import FAR, NEAR, PURPOSES, VEHICLES, Somewhere

if TYPE_CHECKING:
    from config.demo.world import World

WEEKS = 8

# What happens on a trip, and how often of a hundred.
KINDS = (
    ("honest", 58),
    ("no-position", 7),
    ("far-away", 4),
    ("no-return", 6),
    ("late-return", 6),
    ("undeclared-car", 4),
    ("no-order", 4),
    ("out-of-area", 8),
    ("cancelled", 3),
)


@dataclass(order=True)
class Step:
    at: datetime
    order: int
    act: Callable[[datetime], Any] = field(compare=False)


@dataclass(slots=True)
class Outing:
    """One trip as it will be told; ``trip`` is set once it was drafted."""

    number: int
    kind: str
    traveller: Any
    place: Somewhere
    vehicle: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    trip: Any = None


def outings(world: World, *, seed: int, today: date) -> Iterator[Outing]:
    """Two or three trips a working day, from eight weeks ago until yesterday."""
    dice = Random(seed)  # noqa: S311 -- the same city hall every time, not a secret
    day = today - timedelta(weeks=WEEKS)
    number = 0
    while day < today:
        if day.weekday() < 5:
            for traveller in dice.sample(world.travellers, dice.choice((2, 3, 3, 4))):
                number += 1
                yield _outing(number, traveller, day, dice)
        day += timedelta(days=1)


def _outing(number: int, traveller: Any, day: date, dice: Random) -> Outing:
    kind = dice.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
    place = dice.choice(FAR if kind == "out-of-area" else NEAR)
    start = datetime.combine(day, time(dice.choice((9, 9, 10, 13, 14)), dice.choice((0, 30))), KST)
    hours = dice.choice((2, 3, 4, 4, 5))
    vehicle = "transit" if kind == "undeclared-car" else dice.choice(VEHICLES)
    return Outing(
        number,
        kind,
        traveller,
        place,
        vehicle,
        dice.choice(PURPOSES),
        start,
        start + timedelta(hours=hours),
    )


def steps_of(world: World, outing: Outing, *, seed: int) -> list[Step]:
    dice = Random(seed * 100_003 + outing.number)  # noqa: S311 -- as above
    minute = timedelta(minutes=1)
    asked = outing.starts_at - timedelta(days=1, minutes=dice.randrange(60, 400))
    arrived = outing.starts_at + minute * dice.randrange(3, 12)
    returned = outing.ends_at + minute * dice.randrange(-4, 9)
    if outing.kind == "late-return":
        returned = outing.ends_at - minute * 75
    plan: list[tuple[datetime, Callable[[datetime], Any]]] = []
    if outing.kind != "no-order":
        plan.append((asked, lambda at: world.ask(outing, at)))
        plan.append((asked + minute * 40, lambda at: world.order(outing, at)))
    if outing.kind == "cancelled":
        plan.append((asked + minute * 90, lambda at: world.cancel(outing, at)))
        return _numbered(plan, outing)
    plan.append((arrived, lambda at: world.touch(outing, "arrive", dice, at)))
    if outing.kind == "no-position":
        plan.append((arrived + minute * 5, lambda at: world.explain(outing, at)))
    if outing.kind != "no-return":
        plan.append((returned, lambda at: world.touch(outing, "return", dice, at)))
    # Some forget it: then the trip waits at the desk, and says for what.
    if outing.kind == "out-of-area" and dice.random() < 0.6:
        plan.append((returned + minute * 45, lambda at: world.tell_costs(outing, at)))
    if outing.kind == "undeclared-car":
        plan.append((returned + minute * 30, lambda at: world.admit_car(outing, at)))
        return _numbered(plan, outing)
    if outing.kind != "no-order" or dice.random() < 0.5:
        confirmed = outing.ends_at + timedelta(hours=dice.randrange(2, 30))
        plan.append((confirmed, lambda at: world.confirm(outing, at)))
    return _numbered(plan, outing)


def _numbered(plan: list[tuple[datetime, Callable[[datetime], Any]]], outing: Outing) -> list[Step]:
    return [Step(at, outing.number, act) for at, act in plan]
