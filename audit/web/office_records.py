"""``/audit/office-records/``: a sheet of office traces, looked at, then laid beside touches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.csv_sheet import LARGEST
from attest.errors import ImportRefused
from audit.doors import AuditorView, address_of
from audit.office_records import LEAST_REASON, applied
from trips.office_plan import OfficePlan, plan_of
from trips.office_sheet import COLUMNS, read_sheet

SHOWN = 200
FATES = {
    "kept": gettext_lazy("Near a touch: kept"),
    "outside": gettext_lazy("Near no touch: dropped unread"),
    "refused": gettext_lazy("Refused"),
}
WORDS = {
    "office.cells": gettext_lazy("The row has more cells than the first row."),
    "office.formula": gettext_lazy("A cell begins like a formula."),
    "office.employee-no-missing": gettext_lazy("The employee number is missing."),
    "office.employee-no-unreadable": gettext_lazy("The employee number cannot be read."),
    "office.place-code-missing": gettext_lazy("The place is missing."),
    "office.place-code-unreadable": gettext_lazy("The place cannot be read."),
    "office.kind": gettext_lazy("The kind is door, document or network."),
    "office.time": gettext_lazy("A time is not written like 2026-11-23 09:30."),
    "office.person-unknown": gettext_lazy("Nobody here has this employee number."),
    "office.place-unknown": gettext_lazy("No place of the office with a known point."),
}
REFUSED = {
    "import.csv": gettext_lazy("The rows cannot be told apart. Please save it as CSV once more."),
    "import.encoding": gettext_lazy("This is not a CSV file in UTF-8 or CP949."),
    "import.too-large": gettext_lazy("The sheet is larger than 5 MiB."),
    "import.too-many-rows": gettext_lazy(
        "More than 20,000 rows, or rows near more than 2,000 touches. Please split the sheet."
    ),
    "import.empty": gettext_lazy("The sheet has no rows."),
    "import.header-twice": gettext_lazy("A heading stands twice in the first row."),
    "import.header-unknown": gettext_lazy("The first row has a heading that is not known."),
    "import.header-missing": gettext_lazy("The first row lacks a heading."),
}


class OfficeForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=forms.FileInput({"class": "input", "accept": ".csv,text/csv"}),
    )


class ApplyForm(OfficeForm):
    """The same file once more: between the two nothing of it is kept here."""

    preview = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput())
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=LEAST_REASON,
        max_length=500,
        help_text=gettext_lazy("At least ten letters. Every traveller concerned can read it."),
        widget=forms.Textarea({"class": "input", "rows": 3}),
    )


class OfficeRecordsView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _page(request, OfficeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """A preview, or with its name the deed."""
        kind = ApplyForm if "preview" in request.POST else OfficeForm
        form = kind(request.POST, request.FILES)
        if not form.is_valid():
            return _page(request, form, preview=request.POST.get("preview", ""), status=400)
        try:
            entries = read_sheet(form.cleaned_data["file"].read(LARGEST + 1))
            if isinstance(form, ApplyForm):
                return self._applied(request, form, entries)
            plan = plan_of(self.auditor.organisation, entries)
        except ImportRefused as refused:
            form.add_error("file", REFUSED.get(str(refused), str(refused)))
            return _page(request, form, preview=request.POST.get("preview", ""), status=400)
        return _page(request, ApplyForm(), plan=plan, preview=plan.digest.hex())

    def _applied(self, request: HttpRequest, form: ApplyForm, entries: Any) -> HttpResponse:
        done = applied(
            self.auditor,
            entries,
            digest=bytes.fromhex(form.cleaned_data["preview"]),
            reason=form.cleaned_data["reason"],
            address=address_of(request),
            now=timezone.now(),
        )
        said = _("%(kept)s traces are kept; %(touches)s touches were compared.")
        counts = done.counts() | {"touches": len(done.touches)}
        messages.success(request, said % counts)
        return redirect("audit:office-records")


def _page(
    request: HttpRequest,
    form: forms.Form,
    *,
    plan: OfficePlan | None = None,
    preview: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "columns": list(COLUMNS), "preview": preview}
    if plan:
        refused = [step for step in plan.steps if step.fate == "refused"]
        context |= {
            "counts": [(FATES[fate], number) for fate, number in plan.counts().items()],
            "touches": len(plan.touches),
            "refused": [(step.line, WORDS.get(step.code, step.code)) for step in refused[:SHOWN]],
            "hidden": max(0, len(refused) - SHOWN),
        }
    return render(request, "audit/office_records.html", context, status=status)
