"""``/audit/exports/``: what was taken away, and taking more, with a reason and a passkey."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.limits import spend
from accounts.step_up import Answer, encoded
from attest.errors import BatchChanged, ExportRefused, StepUpRefused
from audit.doors import AuditorView, address_of
from audit.exporting import MOST_ROWS, rows_hash
from audit.limits import EXPORT
from audit.models import Export
from audit.selectors import KEPT, exports_of, files_taken_by, trips_audited_by
from audit.services.ask_export import SHORTEST_REASON, ask_export
from audit.streaming import file_of
from audit.web.trips import filter_of

PURPOSE_WORDS = (
    ("regular-audit", _("Regular audit")),
    ("special-audit", _("Special audit")),
    ("complaint", _("Complaint")),
    ("records", _("Records")),
)


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label=_("Format"), choices=Export.Format.choices, widget=forms.Select({"class": "input"})
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=PURPOSE_WORDS, widget=forms.Select({"class": "input"})
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Ten letters or more. Everybody concerned reads it in their diary."),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea({"class": "input", "rows": 3}),
    )


class ExportsView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        said = {"exports": exports_of(self.auditor)[:25], "oldest": timezone.now() - KEPT}
        return render(request, "audit/exports.html", said)


class NewExportView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, ExportForm(initial={"format": "xlsx"}), status=200)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        now = timezone.now()
        spend(self.auditor, EXPORT, now=now)
        try:
            ask_export(
                self.auditor,
                asked=filter_of(request),
                file_format=form.cleaned_data["format"],
                purpose=form.cleaned_data["purpose"],
                reason=form.cleaned_data["reason"],
                step_up=Answer.read(request.POST.get("step_up")),
                address=address_of(request),
                now=now,
            )
        except (StepUpRefused, BatchChanged):
            form.add_error(None, _("Please confirm with your passkey once more."))
        except ExportRefused:
            form.add_error(None, _("Nothing to export, or too many rows for one person."))
        else:
            return redirect("audit:exports")
        return self._page(request, form, status=403)

    def _page(self, request: HttpRequest, form: ExportForm, *, status: int) -> HttpResponse:
        asked = filter_of(request)
        trips = trips_audited_by(self.auditor, asked)
        said = {
            "form": form,
            "asked": asked.as_dict(),
            "rows": trips.count(),
            "people": trips.order_by().values("traveller").distinct().count(),
            "most": MOST_ROWS,
            "batch_hash": encoded(rows_hash(self.auditor, asked)),
        }
        return render(request, "audit/new_export.html", said, status=status)


class ExportFileView(AuditorView):
    def get(self, request: HttpRequest, uid: UUID) -> StreamingHttpResponse:
        del request
        found = files_taken_by(self.auditor, at=timezone.now())
        return file_of(get_object_or_404(found, uid=uid))
