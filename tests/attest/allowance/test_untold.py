"""What an out-of-area claim leaves open before it may be paid on."""

from __future__ import annotations

from typing import Any

import pytest

from attest.allowance import claim_from, untold

from .claims import claim, journey

KIN = {"kind": "relatives"}
ASKED = {"claimed_on": "2026-10-09"}


def missing(last: str = "2026-10-06", **said: Any) -> list[tuple[str, str]]:
    (trip,) = claim_from(claim(journey(last, **said))).trips
    return [(fault.path, fault.en) for fault in untold(trip, at="trips[0]")]


def test_the_day_settlement_was_asked_must_be_told() -> None:
    assert missing() == [("trips[0].claimed_on", "a required field is absent")]
    assert missing(**ASKED) == []


@pytest.mark.parametrize(
    ("said", "evenings"),
    [
        ({}, ["2026-10-06", "2026-10-07"]),
        ({"nights": [KIN | {"date": "2026-10-06"}]}, ["2026-10-07"]),
        ({"nights": [KIN | {"date": "2026-10-08"}]}, ["2026-10-06", "2026-10-07"]),
        ({"not_needed_dates": ["2026-10-07"]}, ["2026-10-06"]),
    ],
)
def test_each_evening_but_the_last_must_be_told(said: dict[str, Any], evenings: list[str]) -> None:
    found = missing("2026-10-08", **ASKED, **said)

    assert found == [("trips[0].nights", f"a required field is absent ({day})") for day in evenings]


def test_a_trip_of_years_names_its_first_evenings() -> None:
    assert len(missing("2030-10-06", **ASKED)) == 31
