"""Random honest histories verify without one false alarm, wherever they are cut."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from attest.log.note import Kind

from .town import Dice, Town, TripSoFar, codes, judged

# A thousand at will (TRIPSEAL_HISTORIES=1000); by itself as many as everybody can wait for.
HISTORIES = int(os.environ.get("TRIPSEAL_HISTORIES", "40"))


def live(town: Town, deeds: int) -> None:
    """Trips that begin, end, are paid, taken back, corrected; looks, beats, erasures."""
    for _ in range(deeds):
        town.now += timedelta(seconds=town.dice.below(4_000))
        known = list(town.trips.values())
        if len(known) < 3 or town.dice.below(5) == 0:
            town.open()
        elif town.dice.below(4) == 0:
            beside(town)
        else:
            go_on(town, known[town.dice.below(len(known))])


def go_on(town: Town, trip: TripSoFar) -> None:
    """One honest next deed of *trip*."""
    throw = town.dice.below(6)
    if trip.over:
        town.look()
    elif trip.paid is not None:
        town.void(trip.id, trip.paid) if throw == 0 else town.correct(trip.id)
    elif throw == 0 and trip.touches:
        town.void(trip.id, trip.touches.pop())
    elif throw == 1:
        town.void(trip.id, 0)
    elif throw == 2:
        town.approve(trip.id)
    elif throw == 3 and trip.touches:
        start = 6 + town.dice.below(8)
        town.settle(
            trip.id, hours=f"{start:02d}:00:00-{start + 5:02d}:{town.dice.below(60):02d}:00"
        )
    elif throw == 4:
        town.correct(trip.id, town.dice.below(len(trip.hashes)))
    else:
        town.touch(trip.id, ["arrive", "stop", "return"][town.dice.below(3)])


def beside(town: Town) -> None:
    throw = town.dice.below(7)
    if throw == 0:
        start = town.dice.below(len(town.leaves))
        stop = min(len(town.leaves), start + 1 + town.dice.below(9))
        town.erase(["loc", "id", "biz"][town.dice.below(3)], start, stop)
    elif throw == 1:
        town.step_back()
        town.look()
    elif throw == 2:
        town.rotate([Kind.ED25519, Kind.ECDSA_P256][town.dice.below(2)])
    elif throw == 3:
        town.config("setting", "password")
    elif throw < 6:
        town.beat()
    else:
        town.look()


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_an_honest_history_raises_no_alarm(seed: int) -> None:
    town = Town(Dice(seed))
    town.found()
    live(town, 10 + town.dice.below(90))
    start = town.dice.below(len(town.leaves)) if seed % 2 else 0
    stop = start + 1 + town.dice.below(len(town.leaves) - start)
    trips = [trip for trip in town.trips if town.dice.below(4) == 0]
    groups = [["biz", "id", "loc"], ["biz", "id"], ["biz"]][town.dice.below(3)]

    # The auditor's trust file is from the first day, and the head held from any later one.
    size = 1 + town.dice.below(len(town.leaves))
    held = town.note(size, witness=town.now)

    raw = town.bundle(start, stop, groups=groups, seal=trips, since=size)
    report = judged(raw, since=held)

    assert codes(report) == set(), [one.en for one in report.findings]
    assert codes(report, "warn") <= {"time.step", "time.silence"}
    assert report.exit == 0
    assert report.counts.rows == stop - start
