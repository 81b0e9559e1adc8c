"""``/audit/reviews/``: the access diary by month and reader, and the auditor's signature."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role
from accounts.step_up import Answer, encoded
from attest.values import KST, month_of
from audit.doors import AuditorView, address_of
from audit.models import AccessReview
from audit.reviewing import ACTION, Reader, bounds, people_in, readers_of, review_hash
from audit.services.sign_review import sign_review
from ledger.services.disclose import Look, disclose
from ledger.services.disclose import Reader as Looking

MONTHS = 24
_UNUSUAL = {
    "many": gettext_lazy("three times as many as is usual"),
    "exact": gettext_lazy("exact positions"),
    "nights": gettext_lazy("many at night"),
}


class ReviewsView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        """The last two years, newest first, with who signed for each month."""
        signed = AccessReview.objects.filter(organisation=self.auditor.organisation_id)
        by_month = {row.month: row for row in signed.select_related("signed_by")}
        months = [(month, by_month.get(month)) for month in _months(timezone.now())]
        return render(request, "audit/reviews.html", {"months": months})


class ReviewView(AuditorView):
    def get(self, request: HttpRequest, month: str) -> HttpResponse:
        now = timezone.now()
        readers = self._readers(month)
        disclose(
            reader=Looking(self.auditor, Role.AUDITOR, address_of(request)),
            looks=[Look(person) for person in people_in(readers)],
            method="report",
            action="access-review",
            purpose="audit",
            reference=month,
            at=now,
        )
        return self._page(request, month, readers, now)

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        now = timezone.now()
        self._readers(month)
        answer = Answer.read(request.POST.get("step_up"))
        note = request.POST.get("note", "")
        sign_review(self.auditor, month=month, note=note, step_up=answer, now=now)
        messages.success(request, _("The month is signed for."))
        return redirect("audit:reviews")

    def _readers(self, month: str) -> list[Reader]:
        if bounds(month) is None:
            raise Http404
        return readers_of(self.auditor.organisation, month)

    def _page(
        self, request: HttpRequest, month: str, readers: list[Reader], now: datetime
    ) -> HttpResponse:
        signed = AccessReview.objects.filter(organisation=self.auditor.organisation_id, month=month)
        span = bounds(month)
        here = {
            "month": month,
            "readers": [(one, Role(one.role).label, _why(one)) for one in readers],
            "signed": signed.select_related("signed_by").first(),
            "over": span is not None and span[1] <= now,
            "action": ACTION,
            "batch_hash": encoded(review_hash(self.auditor.organisation, month, readers)),
        }
        return render(request, "audit/review.html", here)


def _why(one: Reader) -> str:
    return ", ".join(str(_UNUSUAL[code]) for code in one.unusual)


def _months(now: datetime) -> list[str]:
    """The month of *now* and those before it."""
    months, at = [month_of(now)], now.astimezone(KST)
    while len(months) < MONTHS:
        at = at.replace(day=1) - timedelta(days=1)
        months.append(month_of(at))
    return months
