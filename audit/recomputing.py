"""A verdict computed again from the facts it was made of, by the weights it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Person, Role
from attest.evidence import assess, facts_from
from ledger.services.disclose import Look, Reader, disclose
from trips.models import Assessment, Trip
from trips.weighing import by_version


@dataclass(frozen=True, slots=True)
class Again:
    """One assessment, and whether the same facts and weights say the same once more."""

    row: Assessment
    same: bool


def computed_again(auditor: Person, trip: Trip, *, address: str, now: datetime) -> list[Again]:
    """Every assessment of every touch of *trip*, oldest first.

    The facts hold positions: the diary says so, though the page shows none.
    """
    rows = [row for touch in trip.check_ins.all() for row in touch.assessments.all()]
    # What was erased in its time cannot be weighed once more; its verdict stays.
    rows = [row for row in rows if row.facts is not None]
    opened = disclose(
        reader=Reader(auditor, Role.AUDITOR, address),
        looks=[Look(trip.traveller, "position", row.box()) for row in rows],
        method="report",
        action="audit-recompute",
        purpose="audit",
        reference=trip.number,
        at=now,
    )
    return _compared(rows, opened)


def _compared(rows: Sequence[Assessment], opened: Sequence[bytes]) -> list[Again]:
    return [Again(row, _says_the_same(row, raw)) for row, raw in zip(rows, opened, strict=True)]


def _says_the_same(row: Assessment, raw: bytes) -> bool:
    said = json.loads(
        assess(facts_from(json.loads(raw)), by_version(row.weights_version)).as_json()
    )
    kept = {
        "verdict": row.verdict,
        "support": row.support,
        "concern": row.concern,
        "reasons": row.reasons,
        "missing": row.missing,
        "missing_mode": row.missing_mode or None,
    }
    return all(said[name] == value for name, value in kept.items())
