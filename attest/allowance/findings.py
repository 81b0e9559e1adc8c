"""What should be looked at across people and trips (travel-expenses.md §7).

Pure: no money is changed. A check whose inputs are absent stays silent. A finding
states what differs, accuses nobody, and says what would clear it.
"""

from __future__ import annotations

from dataclasses import replace

from attest.errors import ClaimRefused, Fault

from .batch import Batch, Told
from .batch_facts import CONTRACT
from .finding import Finding
from .findings_between import between
from .findings_each import each
from .rules import Ask, RuleSets


def find(batch: Batch, rules: RuleSets) -> list[Finding]:
    """All findings, by first trip id, then code; ``ClaimRefused`` where no rule holds."""
    faults: dict[Fault, None] = {}
    asks = {}
    for n, trip in enumerate(batch.trips):
        try:
            asks[trip.id] = _ask(trip, batch, rules)
        except ClaimRefused as refusal:
            for fault in refusal.faults:
                dated = fault.code == "rules.no_version"
                at = f"trips[{n}].starts_at" if dated else "rule_set"
                faults[replace(fault, path=at)] = None
    if faults:
        raise ClaimRefused([*faults])
    found = [*each(batch, asks), *between(batch, asks)]
    return sorted(found, key=lambda one: (one.trips[0], one.code, one.trips))


def findings_as_dict(found: list[Finding]) -> dict[str, object]:
    return {"contract": CONTRACT, "findings": [one.as_dict() for one in found]}


def _ask(trip: Told, batch: Batch, rules: RuleSets) -> Ask | None:
    """Rules are picked only where a check needs them: an old trip has other checks."""
    needs = trip.flat_paid or trip.round_trip_m is not None or trip.evidenced.seconds is not None
    return Ask(rules.on(batch.rule_set, trip.day)) if needs else None
