"""The clerk's papers, as PDF: the 지급조서 of a month, the 여비정산신청서 of one payment."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from settlement import exporting, printing
from settlement.asking import address_of, person_of
from settlement.looking import look
from settlement.months import month_for
from settlement.selectors import settlements_visible_to
from settlement.web.rights import clerk_only
from trips.adapters.paper import pdf


@require_GET
@clerk_only
def statement(request: HttpRequest, name: str) -> HttpResponse:
    """Who is paid what in a month, to be signed."""
    clerk, now = person_of(request), timezone.now()
    month = month_for(clerk, name)
    rows = exporting.rows_for(clerk, month, "statement")
    if people := exporting.people_in(row.person for row in rows):
        look(
            clerk,
            people,
            depth="times",
            action="month",
            reference=f"{name} statement",
            address=address_of(request),
            now=now,
        )
    footer = exporting.footer_of(clerk, rows, now)
    said = printing.statement(month, rows, footer=footer, reader=clerk, at=now)
    return _paper(pdf("statement", said, at=now), f"{name}-statement")


@require_GET
@clerk_only
def claim(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One payment as the form an office knows."""
    clerk, now = person_of(request), timezone.now()
    rows = settlements_visible_to(clerk, at=now).select_related("trip__department")
    rows = rows.prefetch_related("lines", "trip__stops", "trip__companions__person")
    paid = get_object_or_404(rows, uid=uid)
    look(
        clerk,
        [paid.traveller],
        depth="times",
        action="settlement",
        reference=paid.trip.number,
        address=address_of(request),
        now=now,
    )
    said = printing.claim(paid, reader=clerk, at=now)
    return _paper(pdf("claim", said, at=now), f"{paid.trip.number}-claim")


def _paper(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
