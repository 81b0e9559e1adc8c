"""What a trip is expected to pay: the same engine the clerk will ask, on what is known now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attest.allowance import Claim, Result, claim_from, compute, part_of, untold
from attest.errors import ClaimRefused, Fault
from trips.claim import claim_of
from trips.fuel import code_of
from trips.models import Trip
from trips.rules import rule_sets

# An out-of-area trip whose traveller has not said yet what it cost.
UNTOLD = "claim.costs-untold"


@dataclass(frozen=True, slots=True)
class Expected:
    """*total* in won, or none with the *code* of why it cannot be said yet."""

    total: int | None
    lines: Sequence[dict[str, Any]] = ()
    warnings: Sequence[dict[str, Any]] = ()
    code: str = ""


def expected_of(trip: Trip) -> Expected:
    """For *trip* alone; other trips of the day are the clerk's sum."""
    try:
        claim = claim_from(claim_of([trip], person=trip.traveller))
        result = compute(claim, rule_sets())
    except ClaimRefused as refused:
        return Expected(None, code=code_of(refused.faults))
    if untold_costs(claim, result):
        return Expected(None, code=UNTOLD)
    own = part_of(result.as_dict(), str(trip.uid)) or {}
    return Expected(own["total"], own["lines"], own["warnings"])


def untold_costs(claim: Claim, result: Result) -> list[Fault]:
    """What the first trip of *claim* must still tell, if it leads out of the area."""
    if not result.trips or result.trips[0].area != "out":
        return []
    return untold(claim.trips[0], at="trips[0]")
