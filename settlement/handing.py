"""A sheet of a month handed to a clerk: the diary first, then the file."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.request import Request

from accounts.models import Person
from settlement import exporting
from settlement.asking import address_of
from settlement.looking import look
from settlement.models import Month


def file_of(
    request: HttpRequest | Request, month: Month, sheet: str, *, clerk: Person, now: datetime
) -> StreamingHttpResponse:
    rows = exporting.rows_for(clerk, month, sheet)
    if people := exporting.people_in(rows):
        look(
            clerk,
            people,
            depth="times",
            action="month",
            reference=f"{month.name} {sheet}",
            address=address_of(request),
            now=now,
        )
    footer = exporting.footer_of(clerk, rows, now)
    content = exporting.sheet_of(month, sheet, rows=rows, footer=footer)
    answer = StreamingHttpResponse(content, content_type=exporting.kind_of(sheet))
    name = exporting.file_name(month, sheet)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer
