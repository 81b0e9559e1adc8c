"""A claim with everything the contract lists, and one wrong value in it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from attest.allowance import claim_from
from attest.errors import ClaimRefused

from .claims import FAR, claim, trip

MISSING = object()

FARE = {"date": "2026-10-06", "mode": "bus", "amount": 1_000}
OWN_CAR = {"date": "2026-10-06", "mode": "private_car", "role": "driver"}
BY_ROAD = {"distance_m": 1_000, "fuel": "diesel", "fuel_price": "1500.5"}
NIGHT = {"date": "2026-10-06", "kind": "paid", "paid": 70_000, "class": "other"}
SHARED = {"heads": 2, "total": 150_000, "claimed_heads": 1}
SHARED_NIGHT = {"date": "2026-10-06", "kind": "shared", "unit": "11110"}
EVERYTHING = claim(
    trip(
        time_known=True,
        rule_set="kr-changwon",
        booked_on="2026-09-01",
        ordered=True,
        grade=1,
        follows_senior=True,
        workplace={"unit": "48121", "island": "geoje", "name": "시청"},
        destination={
            "unit": "48123",
            "island": "geoje",
            "name": "구청",
            "same_site": False,
        },
        same_unit=True,
        area_decided={"area": "in", "reason": "확인함"},
        distances=[FAR[0] | {"round_trip_m": 8_100}],
        evidenced={
            "starts_at": "2026-10-06T00:01:00Z",
            "ends_at": "2026-10-06T13:00:00+09:00",
        },
        public_car="part",
        public_car_dates=["2026-10-06"],
        actual_costs=[
            {
                "kind": "metro",
                "amount": 1_400,
                "evidence": "card",
                "evidence_date": "2026-10-06",
            }
        ],
        fares=[
            FARE
            | {
                "evidence": "ticket",
                "evidence_date": "2026-10-06",
                "status": "used",
                "purpose": "access",
                "class": "superior",
                "standard_amount": 900,
                "cap_amount": 800,
                "unavoidable": False,
            },
            OWN_CAR | {"public_transport_fare": 18_000},
            OWN_CAR
            | BY_ROAD
            | {
                "unavoidable": True,
                "reason": "막차 뒤",
                "workplace_distance_m": 900,
                "toll": 1_000,
                "parking": 2_000,
            },
            {"date": "2026-10-06", "mode": "public_vehicle"},
        ],
        nights=[
            NIGHT
            | {
                "evidence": "card",
                "evidence_date": "2026-10-06",
                "unavoidable": True,
            }
        ],
        meals_provided=[{"date": "2026-10-06", "meals": 3}],
        not_needed_dates=["2026-10-06"],
        stay={"arrived_on": "2026-10-01", "away_dates": ["2026-10-03"]},
        other_payer=[{"item": "meals", "amount": 5_000, "who": "학회"}],
        claimed_on="2026-10-08",
        already_paid=10_000,
        standing_duty=False,
    ),
    id="c1",
    rule_set="kr-national",
    person={"id": "p1", "grade": 2, "dedicated_car": False, "hired_driver": False},
    standing={"month": "2026-10", "monthly_amount": 100_000, "days": 3},
    recovery=[
        {"id": "r1", "amount": 1, "received_on": "2026-03-05", "fraud": False},
    ],
)


def faults(said: object) -> list[tuple[str, str]]:
    with pytest.raises(ClaimRefused) as refusal:
        claim_from(said)
    assert all(fault.ko and fault.en for fault in refusal.value.faults)
    return [(fault.code, fault.path) for fault in refusal.value.faults]


def changed(path: str, value: object) -> dict[str, Any]:
    """The claim with everything in it, but for one value."""
    said: Any = deepcopy(EVERYTHING)
    *way, last = path.replace("[", ".#").replace("]", "").split(".")
    spot = said
    for step in way:
        spot = spot[int(step[1:])] if step.startswith("#") else spot[step]
    key: Any = int(last[1:]) if last.startswith("#") else last
    if value is MISSING:
        del spot[key]
    else:
        spot[key] = value
    return dict(said)


def of(**said: Any) -> list[tuple[str, str]]:
    """Faults of one ordinary trip that says this besides."""
    return faults(claim(trip(**said)))
