"""What a clerk does in a month, through the same doors as a program."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Person
from settlement.models import Hold, Month, SheetRow
from settlement.services.resolve_hold import resolve_hold
from settlement.services.take_rows import take_rows
from tests.conftest import phone_of
from tests.settlement.desk import EVENING

MONTH = "2026-11"
API = f"/api/v1/months/{MONTH}"


def sheet_file(raw: bytes, name: str = "month.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw)


def shown(clerk: Person, raw: bytes, **said: Any) -> Any:
    body = {"file": sheet_file(raw), **said}
    return phone_of(clerk).post(f"{API}/imports", body, format="multipart")


def brought_in(clerk: Person, raw: bytes) -> Any:
    """Previewed, then imported as previewed."""
    preview = shown(clerk, raw)
    assert preview.status_code == 200, preview.content
    done = shown(clerk, raw, digest=preview.json()["digest"])
    assert done.status_code == 201, done.content
    return done.json()


def the_month() -> Month:
    return Month.objects.get(name=MONTH)


def fates() -> dict[int, str]:
    return dict(SheetRow.objects.order_by("number").values_list("number", "fate"))


def taken(clerk: Person) -> int:
    return take_rows(the_month(), clerk=clerk, now=EVENING)


def accepted(clerk: Person, hold: Hold) -> None:
    resolve_hold(hold, clerk=clerk, resolution="other-proof", reason="출장복명서 확인", now=EVENING)


def answered(clerk: Person, raw: bytes, **said: Any) -> Any:
    body = {"file": SimpleUploadedFile("answer.csv", raw), **said}
    return phone_of(clerk).post("/api/v1/payments/imports", body, format="multipart")


def taken_away(clerk: Person, name: str) -> bytes:
    answer: Any = phone_of(clerk).get(f"{API}/sheets/{name}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def opened(raw: bytes) -> BytesIO:
    return BytesIO(raw)
