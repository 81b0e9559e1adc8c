"""``/audit/exports/``: what was taken away, and taking more, with a reason and a passkey."""

from __future__ import annotations

import json
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.limits import spend
from accounts.step_up import Answer, encoded
from attest.errors import BatchChanged, ExportRefused, StepUpRefused
from audit.doors import AuditorView, address_of
from audit.exporting import SECOND
from audit.limits import EXPORT
from audit.models import Export
from audit.selectors import KEPT, Filter, exports_of, files_taken_by, trips_audited_by
from audit.services.agree_export import agree_export
from audit.services.ask_export import ask_export
from audit.services.cancel_export import LIVE, cancel_export
from audit.stating import SHORTEST_REASON, Wish
from audit.streaming import file_of
from audit.web.trips import filter_of, words_of

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
    exact = forms.BooleanField(
        label=_("With exact positions"),
        help_text=_("In a bundle alone. Everybody concerned reads that you saw where they were."),
        required=False,
    )
    parquet = forms.BooleanField(
        label=_("With a table for statistics (Parquet)"),
        help_text=_("In a bundle alone."),
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Ten letters or more. Everybody concerned reads it in their diary."),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea({"class": "input", "rows": 3}),
    )
    # Of the statement that was signed: the page's script lays it in.
    head = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def wish(self, asked: Filter) -> Wish:
        said = self.cleaned_data
        return Wish(
            asked=asked,
            file_format=said["format"],
            groups=["biz", "id", *(["loc"] if said["exact"] else [])],
            parquet=said["parquet"],
            purpose=said["purpose"],
            reason=said["reason"],
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
            export = ask_export(
                self.auditor,
                wish=form.wish(filter_of(request)),
                head=form.cleaned_data["head"] or 0,
                step_up=Answer.read(request.POST.get("step_up")),
                address=address_of(request),
                now=now,
            )
        except BatchChanged:
            form.add_error(None, _("The batch has changed. Please look at it again."))
        except StepUpRefused:
            form.add_error(None, _("Please confirm with your passkey once more."))
        except ExportRefused:
            form.add_error(None, _("Nothing to export, or exact positions outside a bundle."))
        else:
            return redirect("audit:export", export.uid)
        return self._page(request, form, status=403)

    def _page(self, request: HttpRequest, form: ExportForm, *, status: int) -> HttpResponse:
        asked = filter_of(request)
        trips = trips_audited_by(self.auditor, asked)
        said = {
            "form": form,
            "asked": words_of(asked),
            "filters": json.dumps(asked.as_dict()),
            "rows": trips.count(),
            "people": trips.order_by().values("traveller").distinct().count(),
            "alone": settings.EXPORT_ROWS_ALONE,
            "exact_alone": settings.EXPORT_PLACES_ALONE,
        }
        return render(request, "audit/new_export.html", said, status=status)


class ExportView(AuditorView):
    """One export: how far it is, and what can be done now. Leave it and come back."""

    def get(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        export = get_object_or_404(exports_of(self.auditor), uid=uid)
        own = export.auditor_id == self.auditor.pk
        live = export.state in LIVE and export.requested_at > timezone.now() - KEPT
        said = {
            "export": export,
            "asked": words_of(Filter.read(export.filters)),
            "can_take": own and live and export.state == Export.State.READY,
            "can_cancel": own and live,
            "can_agree": not own and live and export.waits_for_second,
            "batch_hash": encoded(bytes(export.signed)),
            "action": SECOND,
        }
        return render(request, "audit/export.html", said)


class CancelView(AuditorView):
    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        del request
        export = get_object_or_404(exports_of(self.auditor), uid=uid)
        cancel_export(export, by=self.auditor, now=timezone.now())
        return redirect("audit:export", uid)


class AgreeView(AuditorView):
    def post(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        export = get_object_or_404(exports_of(self.auditor), uid=uid)
        answer = Answer.read(request.POST.get("step_up"))
        agree_export(export, by=self.auditor, step_up=answer, now=timezone.now())
        return redirect("audit:export", uid)


class ExportFileView(AuditorView):
    def get(self, request: HttpRequest, uid: UUID) -> StreamingHttpResponse:
        del request
        found = files_taken_by(self.auditor, at=timezone.now())
        return file_of(get_object_or_404(found, uid=uid))
