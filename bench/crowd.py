"""An invented crowd of travellers, and what their phones would say. Nobody of it exists.

No open data of real browser positions with their accuracy is known, and no published rate of
detection for a single web check-in: every share below is an assumption, written where it is used.
"""

from __future__ import annotations

from math import cos, log, radians, sqrt
from random import Random
from typing import Any, NamedTuple, TypeVar

Facts = dict[str, Any]
Choice = TypeVar("Choice")

METRES_A_DEGREE = 111_195.0
MORNING_MS = 1_795_395_600_000
FORMAT = 1


class Surroundings(NamedTuple):
    """Where the phone was: how fine its positions are, how many come, how often they freeze."""

    accuracy_m: float
    spread: float
    fixes: tuple[int, int]
    still: float


OUTDOORS = Surroundings(6, 0.5, (3, 10), 0.05)
WINDOW = Surroundings(18, 0.6, (2, 8), 0.15)
WIRELESS = Surroundings(35, 0.7, (1, 6), 0.6)
MAST = Surroundings(900, 0.8, (1, 3), 0.8)
PLACES = ((OUTDOORS, 0.36), (WINDOW, 0.34), (WIRELESS, 0.28), (MAST, 0.02))


def drawn(dice: Random, shares: tuple[tuple[Choice, float], ...]) -> Choice:
    return dice.choices([one for one, _ in shares], [share for _, share in shares])[0]


def moved(point: tuple[float, float], north_m: float, east_m: float) -> tuple[float, float]:
    lat, lon = point
    wide = METRES_A_DEGREE * cos(radians(lat))
    return lat + north_m / METRES_A_DEGREE, lon + east_m / wide


def around(dice: Random, point: tuple[float, float], metres: float) -> tuple[float, float]:
    far = metres * sqrt(dice.random())
    return away(dice, point, far)


def away(dice: Random, point: tuple[float, float], metres: float) -> tuple[float, float]:
    angle = dice.random()
    north = 2 * angle - 1
    east = sqrt(1 - north * north) * dice.choice((-1, 1))
    return moved(point, metres * north, metres * east)


def somewhere(dice: Random) -> tuple[float, float]:
    """On the mainland of Korea, roughly: only distances matter here."""
    return dice.uniform(34.7, 38.3), dice.uniform(126.6, 129.2)


def burst(dice: Random, here: tuple[float, float], where: Surroundings) -> list[Facts]:
    """What one press sees: 1 to 10 positions, some makes freeze, altitude is often missing."""
    accuracy = min(9_000.0, max(2.0, dice.lognormvariate(log(where.accuracy_m), where.spread)))
    if dice.random() < 0.3:
        accuracy = float(round(accuracy))
    centre = around(dice, here, accuracy * 0.6)
    frozen = dice.random() < where.still
    altitude = dice.uniform(5, 300) if dice.random() < 0.6 else None
    at = MORNING_MS + dice.randrange(0, 30_000_000)
    found = []
    for number in range(dice.randint(*where.fixes)):
        lat, lon = centre if frozen else around(dice, centre, accuracy / 5)
        fix = {
            "lat": round(lat, 7),
            "lon": round(lon, 7),
            "accuracy_m": round(accuracy, 2),
            "fix_ms": at + number * 1_000,
            "seen_ms": at + number * 1_000 + dice.randrange(10, 400),
        }
        if altitude is not None:
            fix |= {"altitude_m": round(altitude + dice.gauss(0, 2), 2), "altitude_accuracy_m": 8.0}
        found.append(fix)
    return found


def signer(dice: Random) -> Facts:
    """Mostly passkeys; where none can be made a browser's own key; a few sign nothing."""
    kind = drawn(dice, (("passkey", 0.96), ("device_key", 0.03), ("none", 0.01)))
    if kind == "none":
        return {"kind": "none"}
    checked = kind == "passkey" and dice.random() < 0.99
    synced = kind == "passkey" and dice.random() < 0.8
    return {"kind": kind, "signature": "valid", "user_verified": checked, "synced": synced}


def delivery(dice: Random) -> Facts:
    """One in twenty was without a line, for minutes or hours; a clock is seldom wrong."""
    skew = int(dice.gauss(0, 3))
    if dice.random() < 0.01:
        skew = dice.choice((-1, 1)) * dice.randrange(180, 4_000)
    if dice.random() >= 0.05:
        return {"mode": "online", "clock_skew_s": skew}
    late = min(600_000, int(dice.lognormvariate(log(2_400), 1.3)))
    return {"mode": "offline", "clock_skew_s": skew, "delay_s": late}


def challenge(dice: Random, sent: Facts) -> Facts:
    if sent["mode"] == "offline":
        return {"state": "fresh", "age_s": dice.randrange(600, 90_000), "life_s": 604_800}
    return {"state": "fresh", "age_s": dice.randrange(4, 60), "life_s": 600}


def before(dice: Random, here: tuple[float, float]) -> Facts | None:
    """The last touch of the day, at the speed of a road or a train."""
    if dice.random() < 0.4:
        return None
    seconds = dice.randrange(900, 28_000)
    lat, lon = away(dice, here, seconds * dice.uniform(1, 25))
    said = {"lat": round(lat, 7), "lon": round(lon, 7), "accuracy_m": 20.0}
    return said | {"seconds_before": seconds}


def office(dice: Random) -> Facts | None:
    """One in thirty passed the door of their own office some time before."""
    if dice.random() >= 0.03:
        return None
    minutes = dice.randrange(20, 300)
    return {"km": round(minutes / 60 * dice.uniform(5, 80), 1), "minutes": -minutes}


def honest(dice: Random) -> Facts:
    """Somebody who went: nearly all are within the place, and one in forty gives no position."""
    place = somewhere(dice)
    radius = dice.choice((100, 200, 200, 300, 500))
    here = around(dice, place, radius * 0.8)
    if dice.random() < 0.012:
        # The car park, the other gate: a little outside.
        here = away(dice, place, radius + dice.uniform(30, 900))
    seen = burst(dice, here, drawn(dice, PLACES))
    state = drawn(dice, (("given", 0.975), ("refused", 0.015), ("timeout", 0.01)))
    sent = delivery(dice)
    wireless = len({(fix["lat"], fix["lon"]) for fix in seen}) == 1
    mates = (("no", 0.95), ("companion", 0.045), ("other", 0.005)) if wireless else (("no", 1.0),)
    gone = dice.random() < 0.003
    return {
        "v": FORMAT,
        "trip": {
            "places": [{"lat": place[0], "lon": place[1], "radius_m": radius}],
            "change_requested": gone,
        },
        "signer": signer(dice),
        "challenge": challenge(dice, sent),
        "delivery": sent,
        "position": {"state": state, "fixes": seen if state == "given" else []},
        "device": {
            "form": drawn(dice, (("phone", 0.97), ("tablet", 0.02), ("desktop", 0.01))),
            "enrolled_s": dice.randrange(20_000, 40_000_000),
            "utc_offset_min": 540,
        },
        "previous": before(dice, here),
        "office_trace": office(dice),
        "receipts": int(dice.random() < 0.08),
        "stay_s": dice.randrange(1_200, 30_000) if dice.random() < 0.85 else None,
        "cross": {"same_point": drawn(dice, mates)},
    }
