"""A sheet of a month handed to a clerk: the diary first, then the file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.models import Job, Person
from settlement import exporting
from settlement.asking import address_of
from settlement.drawing import drawn
from settlement.looking import look
from settlement.models import Month

Asked = HttpRequest | Request
Answer = TypeVar("Answer", bound=HttpResponseBase)


def file_of(
    request: Asked, month: Month, sheet: str, *, clerk: Person, now: datetime
) -> HttpResponseBase:
    """Drawn here and now, for a month that is small."""
    rows = exporting.rows_for(clerk, month, sheet)
    named = exporting.named_in(month, sheet, rows)
    _note(request, clerk, named, f"{month.name} {sheet}", now)
    content = drawn(month, sheet, rows=rows, reader=clerk, at=now)
    return _handed(StreamingHttpResponse(content), sheet, month)


def drawn_file(request: Asked, job: Job, *, clerk: Person, now: datetime) -> HttpResponse:
    """What the worker drew. Each taking is a look at everybody named."""
    sheet, name = job.about["sheet"], job.about["month"]
    _note(request, clerk, job.result["people"], f"{name} {sheet}", now)
    month = Month.objects.get(organisation=clerk.organisation_id, name=name)
    return _handed(HttpResponse(job.file.open()), sheet, month)


def _note(
    request: Asked, clerk: Person, people: Iterable[int], reference: str, now: datetime
) -> None:
    if found := exporting.people_in(people):
        look(
            clerk,
            found,
            depth="times",
            action="month",
            reference=reference,
            address=address_of(request),
            now=now,
        )


def _handed(answer: Answer, sheet: str, month: Month) -> Answer:
    file = exporting.file_name(month, sheet)
    answer.headers["Content-Type"] = exporting.kind_of(month, sheet)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer
