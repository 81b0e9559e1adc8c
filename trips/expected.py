"""What a trip is expected to pay: the same engine the clerk will ask, on what is known now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from attest.allowance import RuleSets, claim_from, compute, read_sets
from attest.commands.shipped import shipped
from attest.errors import ClaimRefused
from trips.claim import claim_of
from trips.models import Trip


@dataclass(frozen=True, slots=True)
class Expected:
    """*total* in won, or none with the *code* of why it cannot be said yet."""

    total: int | None
    lines: Sequence[dict[str, Any]] = ()
    warnings: Sequence[dict[str, Any]] = ()
    code: str = ""


@cache
def rule_sets() -> RuleSets:
    """The shipped rule sets, read once."""
    return read_sets(shipped())


def expected_of(trip: Trip) -> Expected:
    """For *trip* alone; other trips of the day are the clerk's sum."""
    try:
        claim = claim_from(claim_of([trip], person=trip.traveller))
        said = compute(claim, rule_sets()).as_dict()
    except ClaimRefused as refused:
        return Expected(None, code=refused.faults[0].code)
    own = said["trips"][0]
    return Expected(own["total"], own["lines"], own["warnings"])
