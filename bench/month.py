"""A month of 4,000 people and 40,000 trips: the sheet read, filled, and the books of it drawn.

Seconds of one core's time, and how much memory it took at its height; no database.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from io import BytesIO
from time import process_time
from typing import Any

import openpyxl

from accounts.workbooks.grid import COLUMNS
from attest.allowance import batch_from, find, read_sets
from attest.commands.shipped import shipped
from attest.values import KST
from bench.report import machine, tell
from settlement.sheets import books
from settlement.sheets.books import Paid
from settlement.sheets.extracts import with_extracts
from settlement.sheets.filling import Fill, filled
from settlement.sheets.month import FIRST_ROW, HEADERS, read_month

PEOPLE, EACH = 4_000, 10


def sheet() -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("관내출장내역")
    for _ in range(3):
        page.append([])
    page.append([HEADERS.get(letter, "") for letter in COLUMNS])
    for number in range(PEOPLE * EACH):
        person, day = divmod(number, EACH)
        said = {
            "B": number + 1,
            "C": "관내",
            "E": f"2026-11-{day + 2:02d} 09:00",
            "F": f"2026-11-{day + 2:02d} 14:00",
            "G": "5시간",
            "I": "시험구청",
            "K": "미사용",
            "L": "현장 점검",
            "M": "안전과",
            "O": f"시험{person}",
            "T": "결재완료",
            "U": "2",
        }
        page.append([said.get(letter, "") for letter in COLUMNS])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def paid() -> list[Paid]:
    start = datetime(2026, 11, 2, 9, tzinfo=KST)
    rows = []
    for number in range(PEOPLE * EACH):
        person, day = divmod(number, EACH)
        at = start + timedelta(days=day)
        rows.append(
            Paid(
                uid=f"{number:032x}",
                number=f"BT26-{number:06d}",
                department="안전과",
                name=f"시험{person}",
                person=person,
                grade=2,
                starts_at=at,
                ends_at=at + timedelta(hours=5),
                place="시험구청",
                purpose="현장 점검",
                vehicle="대중교통",
                won=20_000,
                flat=20_000,
                actual=0,
            )
        )
    return rows


def told() -> dict[str, Any]:
    """The same trips as the facts that findings are made of, each with a vehicle log beside."""
    start = datetime(2026, 11, 2, 9, tzinfo=KST)
    trips, drives = [], []
    for number in range(PEOPLE * EACH):
        person, day = divmod(number, EACH)
        at = start + timedelta(days=day)
        span = {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=5)).isoformat()}
        who = f"p{person:08x}"
        more = {"id": f"t{number}", "person": who, "area": "in", "public_car": "none"}
        trips.append(span | more | {"destination_text": "시험구청", "flat_paid": 20_000})
        if number % 10 == 0:
            drives.append(span | {"driver": who, "vehicle": "12가3456"})
    return {"contract": "findings/1", "trips": trips, "vehicle_log": drives}


def drained(pieces: Iterable[bytes]) -> int:
    return sum(map(len, pieces))


def timed(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def main() -> None:
    raw, rows = sheet(), paid()
    fills = {FIRST_ROW + n: Fill(20_000) for n in range(PEOPLE * EACH)}
    sys.stdout.write(f"month: {machine()}, {PEOPLE * EACH:,} trips, {len(raw):,} bytes\n")
    tell("month sheet read, seconds", [timed(lambda: read_month(raw))], limit=30, at_least=False)
    facts, sets = told(), read_sets(shipped())
    looked = timed(lambda: find(batch_from(facts), sets))
    tell("month findings, seconds", [looked], limit=30, at_least=False)
    originals = [[""] * (len(HEADERS) + len(books.SORTED))] * len(rows)
    out = timed(lambda: with_extracts(filled(raw, fills), books.extract_of(rows, originals)))
    drawn = timed(
        lambda: (
            drained(books.summary_of(rows)),
            drained(books.statement_of(rows, footer="")),
            drained(books.school_of(rows)),
            drained(books.payments_csv(rows)),
        )
    )
    tell("month exported whole, seconds", [out + drawn], limit=30, at_least=False)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tell("month at its height, MiB", [most], limit=512, at_least=False)


if __name__ == "__main__":
    main()
