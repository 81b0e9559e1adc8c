"""Trips computed a second of one core's time, each with its explained lines.

A month of an office: mostly trips in the area, some by train for a day, one with a night.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

from attest.allowance import Claim, compute, read_claims, read_sets
from attest.commands.shipped import shipped
from bench.report import machine, tell

ROUNDS, CLAIMS = 15, 300
WAY = {"from": "workplace", "method": "road_route"}
SEAT = {"mode": "rail", "amount": 59_800, "evidence": "ticket"}
BED = {"kind": "paid", "paid": 90_000, "evidence": "card", "unit": "11110"}


def near(day: str, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "starts_at": f"{day}T09:00:00+09:00",
        "ends_at": f"{day}T14:00:00+09:00",
        "workplace": {"unit": "48121"},
        "destination": {"unit": "48123"},
        "distances": [WAY | {"one_way_m": 4_000}],
    }


def far(day: str, name: str) -> dict[str, Any]:
    return near(day, name) | {
        "ends_at": f"{day}T21:00:00+09:00",
        "destination": {"unit": "11110"},
        "distances": [WAY | {"one_way_m": 350_000}],
        "fares": [SEAT | {"date": day}, SEAT | {"date": day}],
    }


def overnight(day: str, until: str, name: str) -> dict[str, Any]:
    said = far(day, name) | {"ends_at": f"{until}T18:00:00+09:00"}
    meals = [{"date": day, "meals": 1}]
    return said | {"nights": [BED | {"date": day}], "meals_provided": meals}


def claim(person: int) -> dict[str, Any]:
    """One person's month: six trips near, three a day long, one with a night."""
    trips = [near(f"2026-10-{day:02}", f"n{day}") for day in range(5, 11)]
    trips += [far(f"2026-10-{day}", f"f{day}") for day in range(12, 15)]
    trips.append(overnight("2026-10-20", "2026-10-21", "o"))
    person_said = {"id": f"p{person}", "grade": 2}
    return {"contract": "allowance/1", "person": person_said, "trips": trips}


def timed(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def main() -> None:
    said = [claim(person) for person in range(CLAIMS)]
    sets = read_sets(shipped())
    read = read_claims(json.dumps(said)).claims
    claims = [one for one in read if isinstance(one, Claim)]
    trips = sum(len(one.trips) for one in claims)

    def computed() -> None:
        for one in claims:
            compute(one, sets)

    computed()
    rates = [trips / timed(computed) for _ in range(ROUNDS)]
    sys.stdout.write(f"sums: {machine()}\n")
    tell("allowance trips a second", rates, limit=5_000, at_least=True)


if __name__ == "__main__":
    main()
