"""What a clerk is shown of a sheet before it comes in: plain values, for a page or a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from settlement.matching import Match
from settlement.sheets.month import Reading, Told

# The first rows; what is wrong, as many as a page and as a program is told; counts are of all.
SHOWN, FAULTS_SHOWN, MOST_FAULTS = 20, 200, 1_000


def preview_of(reading: Reading, matches: Sequence[Match]) -> dict[str, Any]:
    """Fates by count, faults by cell, the first rows. Names stand in it: it is let go of soon."""
    faults = [fault.as_dict() for match in matches for fault in match.faults]
    clocks = [row for row in reading.rows if row.told and row.told.clock_end]
    return {
        "digest": reading.digest.hex(),
        "fates": dict(Counter(str(match.fate) for match in matches)),
        "faults": faults[:MOST_FAULTS],
        "faults_all": len(faults),
        "rows": len(matches),
        "hidden": sum(row.hidden for row in reading.rows),
        "skipped": [reading.unnumbered, reading.unapproved],
        "clocks": [
            {"number": row.number, **_told(row.told)} for row in clocks[:FAULTS_SHOWN] if row.told
        ],
        "first": [
            {"number": match.row.number, "fate": str(match.fate), **_told(match.row.told)}
            for match in matches[:SHOWN]
        ],
    }


def _told(told: Told | None) -> dict[str, Any]:
    if told is None:
        return {}
    said = {
        "name": told.name,
        "place": told.place,
        "starts_at": told.starts_at.isoformat(),
        "ends_at": told.ends_at.isoformat(),
    }
    return said | ({"clock_end": told.clock_end.isoformat()} if told.clock_end else {})
