"""What a sheet would do, as a page shows it: the plain values of a preview, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.saying import korean
from settlement.models import SheetRow
from settlement.previewing import FAULTS_SHOWN
from settlement.sheets.words import SHEET

_TIMES = ("starts_at", "ends_at", "clock_end")


def said(code: str) -> str:
    words = SHEET[code]
    return words.ko if korean() else words.en


def shown_preview(found: Mapping[str, Any]) -> dict[str, Any]:
    faults = found["faults"][:FAULTS_SHOWN]
    fates = [(SheetRow.Fate(fate).label, number) for fate, number in found["fates"].items()]
    return {
        "digest": found["digest"],
        "previewed": [
            _row(row) | {"fate": SheetRow.Fate(row["fate"]).label} for row in found["first"]
        ],
        "faults": [(fault, said(fault["code"])) for fault in faults],
        "faults_hidden": found["faults_all"] - len(faults),
        "fates": sorted(fates, key=lambda one: SheetRow.Fate.labels.index(one[0])),
        "rows_read": found["rows"],
        "rows_hidden": found["hidden"],
        "skipped": found["skipped"],
        "clocks": [_row(row) for row in found["clocks"]],
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(row[name]) for name in _TIMES if name in row}
    return dict(row) | times
