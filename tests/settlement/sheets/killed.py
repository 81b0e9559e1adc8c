"""A month's book is drawn, and its process is killed with the book half done or on its way.

python -m tests.settlement.sheets.killed KIND ROWS
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from settlement.sheets import books

ENDS = datetime.fromisoformat("2026-10-05T18:00:00+09:00")


def paid(number: int) -> books.Paid:
    return books.Paid(
        uid=f"u{number}",
        number=f"BT26-{number:06d}",
        department="안전총괄과",
        name="두루미",
        person=number % 50,
        grade=2,
        starts_at=ENDS.replace(hour=9),
        ends_at=ENDS,
        place="용호동",
        purpose=f"도로 점검 {number}",
        vehicle="",
        won=20_000,
        flat=20_000,
        actual=0,
    )


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def originals(count: int) -> Iterator[list[books.Cell]]:
    for number in range(count):
        yield ["두루미", *(f"칸 {number}" for _ in range(12))]
    killed()


def payments(count: int) -> Iterator[books.Paid]:
    yield from map(paid, range(count))
    killed()


def taken(chunks: Iterator[bytes]) -> None:
    """The book is finished: the first piece of it is the last."""
    next(chunks)
    killed()


KINDS: dict[str, Callable[[list[books.Paid]], Any]] = {
    "extract": lambda rows: books.extract_of(rows, originals(len(rows))),
    "payments": lambda rows: list(books.payments_xlsx(payments(len(rows)))),
    "statement": lambda rows: taken(books.statement_of(rows, footer="")),
    "school": lambda rows: taken(books.school_of(rows)),
    "summary": lambda rows: taken(books.summary_of(rows)),
}

if __name__ == "__main__":
    kind, many = sys.argv[1:]
    KINDS[kind]([paid(number) for number in range(int(many))])
    raise SystemExit("nobody killed me")
