"""A month in the database: its sheet brought in, taken over, laid, paid, checked and drawn.

Seconds of one core's time, the database within; how the rates change from the first tenth of the
month to the last, and how memory grows over it: what takes longer the more there is, shows here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

import openpyxl
from django.db import transaction

from accounts.models import Department, Grant, Organisation, Person, Place
from accounts.workbooks.grid import COLUMNS
from attest.values import KST, Point
from bench.report import machine, note, tell
from settlement import exporting
from settlement.drawing import drawn
from settlement.laying import payable_in
from settlement.models import Batch, Hold, Month
from settlement.paying_out import close_and_pay, pay_rows
from settlement.services.check_month import check_month
from settlement.services.fill_batch import fill_batch
from settlement.services.import_month import import_month
from settlement.services.open_batch import open_batch
from settlement.services.send_payments import send_payments
from settlement.services.take_rows import take_rows
from settlement.sheets.month import HEADERS

EACH, NAME = 10, "2026-11"
NOW = datetime(2026, 12, 1, 9, tzinfo=KST)
TRIPS = 40_000
SHEETS = ("trips", "statement", "payments")

T = TypeVar("T")


def main(trips: int = TRIPS) -> None:
    sys.stdout.write(f"a month kept: {machine()}, {trips:,} trips\n")
    month, clerk, other = office(people=trips // EACH)
    raw = sheet(trips)
    seconds, _ = timed(lambda: bring(month, clerk, raw))
    tell("month rows brought in a second", [trips / seconds], limit=100)
    flat("month rows taken over", list(taken(month, clerk)))
    # What shows that each was made is a person's word; here it is given for all at once.
    Hold.objects.update(state="resolved", resolution_code="other-proof", resolved_at=NOW)
    flat("month trips paid", list(paid(other)))
    seconds, found = timed(lambda: check_month(month, clerk=clerk, now=NOW))
    note("month checked, trips a second", [trips / seconds])
    note("month checked, findings", [found])
    export(month, other, trips)


def export(month: Month, clerk: Person, trips: int) -> None:
    """What every office sends out, as the worker draws it for the clerk who asks."""
    send_payments(month, clerk=clerk, now=NOW)
    for sheet in SHEETS:
        seconds, size = timed(partial(drawn_for, month, clerk, sheet))
        note(f"month's {sheet} drawn, trips a second", [trips / seconds])
        note(f"month's {sheet} drawn, KiB", [size / 1_024])
    note("month drawn, MiB of memory now", [resident()])


def drawn_for(month: Month, clerk: Person, sheet: str) -> int:
    rows = exporting.rows_for(clerk, month, sheet)
    return sum(map(len, drawn(month, sheet, rows=rows, reader=clerk, at=NOW)))


def office(*, people: int) -> tuple[Month, Person, Person]:
    """One office, its people, and two clerks: who takes a row over does not pay it."""
    hall = Organisation.objects.create(name="벤치군청", rule_set="kr-national")
    unit = Department.objects.create(organisation=hall, name="안전과")
    place = Place(organisation=hall, name="벤치군청", unit="48120", radius_m=250)
    place.put_point(Point(352_536_470, 1_286_403_120).packed())
    place.save()
    staff = [person(hall, unit, place, number) for number in range(people + 3)]
    for who, role in zip(staff[-3:], ("approver", "clerk", "clerk"), strict=True):
        Grant.objects.create(person=who, role=role, since=datetime(2026, 10, 1, tzinfo=KST))
    unit.approver = staff[-3]
    unit.save()
    month = Month.objects.create(organisation=hall, name=NAME)
    return month, Person.objects.get(pk=staff[-2].pk), Person.objects.get(pk=staff[-1].pk)


def person(hall: Organisation, unit: Department, place: Place, number: int) -> Person:
    made = Person(organisation=hall, department=unit, workplace=place, name=f"시험{number}")
    made.put_number(f"M{number:06d}")
    made.set_unusable_password()
    made.save()
    return made


def sheet(trips: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("관내출장내역")
    for _ in range(3):
        page.append([])
    page.append([HEADERS.get(letter, "") for letter in COLUMNS])
    for number in range(trips):
        who, day = divmod(number, EACH)
        said = {"B": number + 1, "C": "관내", "G": "5시간", "I": "시험구청", "K": "미사용"}
        said |= {"E": f"2026-11-{day + 2:02d} 09:00", "F": f"2026-11-{day + 2:02d} 14:00"}
        said |= {"L": "현장 점검", "M": "안전과", "O": f"시험{who}", "T": "결재완료", "U": "2"}
        page.append([said.get(letter, "") for letter in COLUMNS])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def bring(month: Month, clerk: Person, raw: bytes) -> object:
    return import_month(month, raw=raw, digest=sha256(raw).digest(), clerk=clerk, now=NOW)


def taken(month: Month, clerk: Person) -> Iterator[tuple[float, int]]:
    """Seconds and rows of every hundred."""
    while True:
        seconds, rows = timed(lambda: take_rows(month, clerk=clerk, now=NOW))
        if not rows:
            return
        yield seconds, rows


def paid(clerk: Person) -> Iterator[tuple[float, int]]:
    """Seconds and rows of every batch: laid, filled and paid as the clerk's pages do it."""
    while True:
        batch = open_batch(clerk=clerk, now=NOW)
        seconds, rows = timed(partial(lay_and_pay, clerk, batch))
        if not rows:
            return
        yield seconds, rows


def lay_and_pay(clerk: Person, batch: Batch) -> int:
    add = payable_in(clerk, NAME, batch=batch, at=NOW)
    if not add:
        return 0
    batch = fill_batch(batch, clerk=clerk, add=add, judged=add, now=NOW)
    # In place of the signature, which is no work of the month.
    with transaction.atomic():
        close_and_pay(batch, by=clerk, now=NOW)
    pay_rows(batch, now=NOW)
    if batch.settlements.count() != len(add):
        raise SystemExit("not every trip of a batch was paid")
    return len(add)


def flat(name: str, done: list[tuple[float, int]]) -> None:
    """The rate, and whether the end of the month is as quick as its beginning."""
    rates = [rows / seconds for seconds, rows in done]
    tell(f"{name} a second", [sum(rows for _, rows in done) / sum(s for s, _ in done)], limit=20)
    tenth = max(1, len(rates) // 10)
    slower = median(rates[:tenth]) / median(rates[-tenth:])
    tell(f"{name}, first tenth / last", [slower], limit=1.5, at_least=False)
    note(f"{name}, MiB of memory now", [resident()])


def resident() -> float:
    """Of this process, as it stands now: a height would say nothing of how it grows."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096 / 1_048_576


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = process_time()
    done = work()
    return process_time() - start, done
