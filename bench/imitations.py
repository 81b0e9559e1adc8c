"""Travellers who were not there, each in one of the ways known from the field, all invented."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from bench.crowd import MORNING_MS, OUTDOORS, Facts, around, away, burst, honest


def _fixes(facts: Facts) -> list[Facts]:
    found: list[Facts] = facts["position"]["fixes"]
    return found


def _place(facts: Facts) -> tuple[float, float]:
    place = facts["trip"]["places"][0]
    return place["lat"], place["lon"]


def _steady(dice: Random, facts: Facts, *, decimals: int, accuracy: float, **more: Any) -> None:
    """A point typed in or picked on a map, given out again and again."""
    lat, lon = around(dice, _place(facts), 30)
    first = MORNING_MS + dice.randrange(0, 30_000_000)
    one = {"lat": round(lat, decimals), "lon": round(lon, decimals), "accuracy_m": accuracy} | more
    times = range(first, first + 1_000 * dice.randint(5, 10), 1_000)
    facts["position"] = {
        "state": "given",
        "fixes": [one | {"fix_ms": at, "seen_ms": at + 30} for at in times],
    }


def browser_tools(dice: Random) -> Facts:
    """The sensors panel of a computer's browser, with what it puts in by itself."""
    facts = honest(dice)
    accuracy = dice.choice((150.0, 150.0, 150.0, 1.0, 0.0))
    _steady(dice, facts, decimals=dice.choice((4, 5, 6, 7)), accuracy=accuracy)
    if dice.random() < 0.5:
        facts["position"]["errors_between"] = len(_fixes(facts))
    facts["device"] |= {"form": "desktop", "automated": dice.random() < 0.2}
    return facts


def mock_app(dice: Random) -> Facts:
    """An application that sets the position of the whole phone: typed numbers, its usual values."""
    facts = honest(dice)
    _steady(
        dice,
        facts,
        decimals=dice.choice((2, 3, 4, 4, 5)),
        accuracy=dice.choice((0.0, 1.0, 1.0, 1.0, 5.0)),
        altitude_m=0.0,
        altitude_accuracy_m=0.0,
    )
    if dice.random() < 0.5:
        # It sat in the office a few minutes ago.
        lat, lon = away(dice, _place(facts), dice.uniform(40_000, 200_000))
        seconds = dice.randrange(120, 3_600)
        said = {"lat": round(lat, 7), "lon": round(lon, 7), "accuracy_m": 20.0}
        facts["previous"] = said | {"seconds_before": seconds}
    return facts


def careful_mock_app(dice: Random) -> Facts:
    """The same with a point picked on a map and a plausible accuracy: the shape tells little."""
    facts = honest(dice)
    accuracy = round(dice.uniform(3, 20), 2)
    _steady(dice, facts, decimals=7, accuracy=accuracy, altitude_m=0.0, altitude_accuracy_m=0.0)
    return facts


def one_phone_for_several(dice: Random) -> Facts:
    facts = honest(dice)
    facts["device"] |= {"shared": "undeclared", "people": dice.randint(2, 5)}
    return facts


def relayed_code(dice: Random) -> Facts:
    """A friend reads the code of the site's screen aloud; no position, or the true one."""
    facts = honest(dice)
    facts["stay_s"] = None
    facts["receipts"] = 0
    facts["site"] = {"kind": "rotating", "steps_off": dice.randint(-30, -2)}
    if dice.random() < 0.5:
        facts["position"] = {"state": "refused", "fixes": []}
    else:
        here = away(dice, _place(facts), dice.uniform(5_000, 200_000))
        facts["position"] = {"state": "given", "fixes": burst(dice, here, OUTDOORS)}
    return facts


def replay(dice: Random) -> Facts:
    """Yesterday's request sent again, or yesterday's positions under a new challenge."""
    facts = honest(dice)
    if dice.random() < 0.5:
        facts["challenge"]["state"] = "reused"
    else:
        facts["position"] = {"state": "given", "fixes": burst(dice, _place(facts), OUTDOORS)}
        facts["cross"]["burst_copied"] = True
    return facts


def in_the_office(dice: Random) -> Facts:
    """Pressed at the desk: the true position far away, or none, and a door that remembers."""
    facts = honest(dice)
    far = dice.uniform(3_000, 200_000)
    facts["receipts"] = 0
    if dice.random() < 0.5:
        here = away(dice, _place(facts), far)
        facts["position"] = {"state": "given", "fixes": burst(dice, here, OUTDOORS)}
    else:
        facts["position"] = {"state": "refused", "fixes": []}
    if dice.random() < 0.7:
        minutes = dice.choice((-1, 1)) * dice.randrange(0, 60)
        facts["office_trace"] = {"km": round(far / 1_000, 1), "minutes": minutes}
    return facts


def perfect(dice: Random) -> Facts:
    """Nothing in it differs from an honest touch. Only the policy of the trip can answer it."""
    facts = honest(dice)
    facts["trip"]["policy"] = "witness"
    return facts


def jammed(dice: Random) -> Facts:
    """Satellites disturbed near a border or a port: the position leaps, the person is there."""
    facts = honest(dice)
    seen = burst(dice, _place(facts), OUTDOORS)
    for fix in seen[1::2]:
        lat, lon = away(dice, _place(facts), dice.uniform(20_000, 90_000))
        fix |= {"lat": round(lat, 7), "lon": round(lon, 7)}
    facts["position"] = {"state": "given", "fixes": seen}
    return facts


NAIVE: dict[str, Callable[[Random], Facts]] = {
    "browser tools": browser_tools,
    "mock app": mock_app,
    "one phone for several": one_phone_for_several,
    "relayed code": relayed_code,
    "replay": replay,
    "in the office": in_the_office,
}
