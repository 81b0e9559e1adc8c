"""The auditor's sheet: which columns, how a cell is written, CSV and XLSX.

A text cell that a spreadsheet could take for a formula gets a leading apostrophe
(security.md §4); numbers are typed numbers; there are no formulas, links or dates.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from accounts.cells import safe
from attest.bundle.workbook import plain_book
from attest.values import KST
from settlement.models import Settlement
from trips.models import CheckIn, Kind, Trip

Cell = str | int


def kst(at: datetime | None) -> str:
    return at.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def utc(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _touch(trip: Trip, kind: Kind) -> CheckIn | None:
    stood = [t for t in trip.check_ins.all() if t.kind == kind and t.withdrawn_at is None]
    if not stood:
        return None
    return stood[-1] if kind == Kind.RETURN else stood[0]


def _at(trip: Trip, kind: Kind) -> datetime | None:
    touch = _touch(trip, kind)
    return touch.recorded_at if touch else None


def _paid(trip: Trip) -> Settlement | None:
    return next((row for row in trip.settlements.all() if row.voided_at is None), None)


def _place_words(trip: Trip) -> str:
    touch = _touch(trip, Kind.ARRIVE)
    return touch.place_words if touch else ""


COLUMNS: tuple[tuple[str, Callable[[Any], Cell]], ...] = (
    ("출장번호", lambda t: t.number),
    ("부서", lambda t: t.department.name),
    ("출장자", lambda t: t.traveller.name),
    ("여비등급", lambda t: t.traveller.grade),
    ("출장목적", lambda t: t.purpose),
    ("출장지", lambda t: ", ".join(stop.text for stop in t.stops.all())),
    ("차량", lambda t: str(t.get_vehicle_display())),
    ("상태", lambda t: str(t.get_state_display())),
    ("판정", lambda t: t.verdict),
    ("출장 시작 (KST, UTC+09:00)", lambda t: kst(t.starts_at)),
    ("출장 종료 (KST, UTC+09:00)", lambda t: kst(t.ends_at)),
    ("도착 확인 (KST, UTC+09:00)", lambda t: kst(_at(t, Kind.ARRIVE))),
    ("복귀 확인 (KST, UTC+09:00)", lambda t: kst(_at(t, Kind.RETURN))),
    ("도착 확인 (UTC)", lambda t: utc(_at(t, Kind.ARRIVE))),
    ("복귀 확인 (UTC)", lambda t: utc(_at(t, Kind.RETURN))),
    ("도착 장소(힌트)", _place_words),
    ("결재자", lambda t: t.approver.name if t.approver else ""),
    ("정산액(원)", lambda t: p.total if (p := _paid(t)) else ""),
    ("정산 일시 (KST, UTC+09:00)", lambda t: kst(p.settled_at) if (p := _paid(t)) else ""),
    ("지출담당", lambda t: p.clerk.name if (p := _paid(t)) else ""),
    ("기록 식별자", lambda t: t.log_id),
    (
        "정산 기록 해시",
        lambda t: "x" + bytes(p.leaf_hash).hex() if (p := _paid(t)) else "",
    ),
)


def row_of(trip: Trip) -> list[Cell]:
    cells = [read(trip) for _, read in COLUMNS]
    return [safe(cell) if isinstance(cell, str) else cell for cell in cells]


class _Echo:
    """A file that hands back what it is given: ``csv`` writes, the response streams."""

    def write(self, text: str) -> str:
        return text


def csv_of(trips: Iterable[Trip]) -> Iterator[bytes]:
    """UTF-8 with BOM, CRLF, text quoted and integers bare; one row at a time."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield b"\xef\xbb\xbf" + writer.writerow([title for title, _ in COLUMNS]).encode()
    for trip in trips:
        yield writer.writerow(row_of(trip)).encode()


def xlsx_of(trips: Iterable[Trip]) -> Iterator[bytes]:
    """A workbook as it comes; memory does not grow, and nothing of it lies on a disk."""
    return plain_book("기록", [title for title, _ in COLUMNS], map(row_of, trips))
