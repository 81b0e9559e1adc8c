"""The demonstration from beginning to end, in one transaction: all of it, or nothing."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from heapq import heapify, heappop

from django.db import transaction

from accounts.models import Device
from accounts.services.revoke_device import revoke_device
from attest.values import KST
from config.demo.cast import FAR, NEAR
from config.demo.story import WEEKS, Outing, Step, outings, steps_of
from config.demo.world import World, built
from trips.adapters import place_names
from trips.models import Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request

SEED = 20_261_123


@transaction.atomic
def fill(*, now: datetime) -> int:
    """The city hall, its eight weeks, and two trips of today to try things with."""
    place_names.warm()
    today = now.astimezone(KST).date()
    start = datetime.combine(today - timedelta(weeks=WEEKS), time(8), KST)
    world = built(since=start - timedelta(days=3))
    steps = _steps(world, now)
    heapify(steps)
    while steps:
        step = heappop(steps)
        step.act(step.at)
    _today(world, now)
    for device in Device.objects.all():
        # Their keys were made for the telling and are gone; a real passkey comes first now.
        revoke_device(device, by=world.people["문가람"], now=now)
    return Trip.objects.count()


def _steps(world: World, now: datetime) -> list[Step]:
    today = now.astimezone(KST).date()
    steps = []
    for outing in outings(world, seed=SEED, today=today):
        steps += steps_of(world, outing, seed=SEED)
    for week in range(2, WEEKS):
        friday = datetime.combine(today - timedelta(weeks=WEEKS - week), time(17), KST)
        until = friday - timedelta(days=7)
        steps.append(Step(friday, 0, partial(world.settle_until, until)))
    return [step for step in steps if step.at < now - timedelta(minutes=5)]


def _today(world: World, now: datetime) -> None:
    """Two orders that begin within the hour: one near, one far."""
    start = now + timedelta(minutes=10)
    for number, (name, place) in enumerate((("한빛나", NEAR[0]), ("강노을", FAR[2]))):
        outing = Outing(
            number,
            "honest",
            world.people[name],
            place,
            "transit",
            "재난안전 협의회 참석",
            start,
            start + timedelta(hours=4, minutes=30),
        )
        trip = request(draft(traveller=outing.traveller, plan=world.plan(outing), now=now), now=now)
        order(trip, approver=world.approver_of(outing.traveller), now=now)
