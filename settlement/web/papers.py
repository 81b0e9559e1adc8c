"""The clerk's papers, as PDF: the 지급조서 of a month, the 여비정산신청서 of one payment."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from settlement import exporting, printing
from settlement.asking import address_of, person_of
from settlement.jobs import DRAW, is_small_month
from settlement.looking import look
from settlement.months import month_for
from settlement.selectors import settlements_visible_to
from settlement.web.rights import clerk_only
from settlement.working import asked, page_of
from trips.adapters.paper import pdf


@require_GET
@clerk_only
def statement(request: HttpRequest, name: str) -> HttpResponse:
    """Who is paid what in a month, to be signed; of a large month the worker draws it first."""
    clerk, now = person_of(request), timezone.now()
    month, sheet = month_for(clerk, name), exporting.STATEMENT_PDF
    if not is_small_month(clerk, name):
        return redirect(page_of(asked(clerk, DRAW, now=now, month=name, sheet=sheet)))
    rows = exporting.rows_for(clerk, month, sheet)
    if people := exporting.people_in(exporting.named_in(month, sheet, rows)):
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
    content = printing.statement_pdf(month, rows, footer=footer, reader=clerk, at=now)
    return _paper(content, f"{name}-statement")


@require_GET
@clerk_only
def claim(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One payment as the form an office knows."""
    clerk, now = person_of(request), timezone.now()
    rows = settlements_visible_to(clerk, at=now).select_related("trip__department")
    rows = rows.prefetch_related("lines", "trip__stops", "trip__companions__person")
    # A month's standing sum is asked for by nobody: it has no such form.
    paid = get_object_or_404(rows, uid=uid, trip__standing__isnull=True)
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
