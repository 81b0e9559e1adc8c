"""An office with a past: trips to search and to take away, made as quickly as rows are."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
from django.conf import settings as given
from django.utils import timezone

from accounts.models import Grant, Person
from accounts.passkeys import unb64
from audit.models import Export
from audit.preparing import prepare_exports
from tests.conftest import NOON, phone_of
from tests.settlement.desk import sign
from trips.models import State, Trip, TripStop

REASON = "2026년 정기 감사 자료"


def trips_of(traveller: Person, approver: Person, number: int, **said: Any) -> list[Trip]:
    """*number* trips without touches, an hour apart: rows and nothing else."""
    start: datetime = said.pop("starts_at", NOON - timedelta(days=30))
    first = Trip.objects.count() + 1
    rows = [
        Trip(
            number=f"BT25-{first + n:06d}",
            traveller=traveller,
            department=traveller.department,
            approver=approver,
            starts_at=start + timedelta(hours=n),
            ends_at=start + timedelta(hours=n, minutes=50),
            registered_at=start,
            open_hash=bytes(32),
            **{"purpose": "도로 점검", "state": State.CONFIRMED, **said},
        )
        for n in range(number)
    ]
    made = Trip.objects.bulk_create(rows)
    TripStop.objects.bulk_create(
        TripStop(trip=trip, sequence=0, unit="48120", text="시험구청") for trip in made
    )
    return made


def renew(auditor: Person) -> None:
    """Appointed anew: an auditor's duty ends after ninety days, and these tests last longer."""
    since = NOON + timedelta(days=50)
    until = since + timedelta(days=90)
    Grant.objects.create(person=auditor, role="auditor", since=since, until=until)


def found(auditor: Person, **asked: Any) -> Any:
    """The answer of a search, which must be one."""
    answer = phone_of(auditor).post("/api/v1/searches", asked, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def numbers(said: Any) -> list[str]:
    return [row[said["columns"].index("출장번호")] for row in said["rows"]]


def ask(auditor: Person, *, form: str = "csv", **said: Any) -> Any:
    """Ask for an export of what *filters* find, signed over just this question."""
    wish = wish_of(form=form, **said)
    return filed(auditor, wish, **(signed(auditor, wish) | said))


def wish_of(*, form: str = "csv", **said: Any) -> dict[str, Any]:
    wish = {"format": form, "purpose": "regular-audit", "reason": REASON, "filters": {}}
    return wish | {name: value for name, value in said.items() if name not in {"step_up", "head"}}


def stated(auditor: Person, wish: dict[str, Any]) -> Any:
    return phone_of(auditor).post("/api/v1/exports/statements", wish, format="json")


def signed(auditor: Person, wish: dict[str, Any], *, action: str = "export") -> dict[str, Any]:
    """What goes with *wish*: a passkey's answer to the statement, if there is one."""
    answer = stated(auditor, wish)
    said = answer.json() if answer.status_code == 200 else {}
    batch_hash = unb64(said["batch_hash"]) if said else bytes(32)
    head = said["statement"]["head"] if said else 0
    return {"head": head, "step_up": sign(auditor, batch_hash, action=action)}


def filed(auditor: Person, wish: dict[str, Any], **more: Any) -> Any:
    """File *wish*; *more* beats what it says, and 0 leaves are what nobody signed."""
    body = {"head": 0} | wish | more
    return phone_of(auditor).post("/api/v1/exports", body, format="json")


def take(auditor: Person, export: str) -> Any:
    """The file as a browser takes it, once a worker came by; its content is still to be read."""
    prepare_exports(clock=timezone.now)
    return phone_of(auditor).get(f"/api/v1/exports/{export}/file")


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def taken(auditor: Person, *, form: str = "csv", **said: Any) -> bytes:
    asked = ask(auditor, form=form, **said)
    assert asked.status_code == 201, asked.content
    return content_of(take(auditor, asked.json()["id"]))


def csv_rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def xlsx_rows(raw: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(BytesIO(raw))
    (sheet,) = book.worksheets
    rows: Iterable[Sequence[Any]] = sheet.iter_rows(values_only=True)
    return [["" if cell is None else cell for cell in row] for row in rows]


def made() -> Export:
    return Export.objects.get()


def files() -> list[Path]:
    folder = Path(given.EXPORT_STORE)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def turn() -> int:
    return prepare_exports(clock=timezone.now)


def progress(auditor: Person) -> dict[str, Any]:
    said: dict[str, Any] = phone_of(auditor).get(f"/api/v1/exports/{made().uid}").json()
    return said
