"""``/settlement/records/<kind>/``: logs, absences and fuel prices, first looked at, then kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Job
from accounts.previews import digest_in, packed, unpacked
from attest.errors import ImportRefused
from settlement.asking import person_of
from settlement.jobs import KEEP, is_small_file
from settlement.paging import after_of
from settlement.records import ABSENCES, COLUMNS, FUEL, VEHICLES, Records, records_in
from settlement.services.import_records import import_records
from settlement.web.month_forms import SheetForm
from settlement.web.rights import clerk_only
from settlement.working import asked, jobs_of, page_of

SHOWN = 200
TITLES = {
    VEHICLES: gettext_lazy("Vehicle logs"),
    ABSENCES: gettext_lazy("Absences"),
    FUEL: gettext_lazy("Fuel prices"),
}
TONES = {"new": "ok", "same": "info", "refused": "bad"}
FATES = {
    "new": gettext_lazy("New"),
    "same": gettext_lazy("Same as before"),
    "refused": gettext_lazy("Refused"),
}
WORDS = {
    "record.cells": gettext_lazy("The row has more cells than the first row."),
    "record.twice": gettext_lazy("Another row is the same."),
    "record.person": gettext_lazy("Nobody has this employee number."),
    "record.passengers": gettext_lazy("Too many passengers."),
    "record.vehicle": gettext_lazy("The car is missing or cannot be read."),
    "record.kind": gettext_lazy("The kind is none of leave, overtime and training."),
    "record.day": gettext_lazy("The day is not like 2026-11-23."),
    "record.fuel": gettext_lazy("The fuel is none of those the rules know."),
    "record.price": gettext_lazy("The price is not like 1,689.52."),
    "record.other-price": gettext_lazy("That day has another price already, and keeps it."),
    "record.time": gettext_lazy("A time is not like 2026-11-23 09:30, or the end is not later."),
}


@require_http_methods(["GET", "POST"])
@clerk_only
def records(request: HttpRequest, kind: str) -> HttpResponse:
    """The same file comes back with the yes; between the two nothing is kept."""
    if kind not in COLUMNS:
        raise Http404
    clerk, now = person_of(request), timezone.now()
    if request.method == "GET":
        return _page(request, kind, _worked(request, kind))
    try:
        raw = _sheet(request)
        if not is_small_file(raw):
            looked_at = digest_in(request.POST.get("digest", "")).hex()
            job = asked(clerk, KEEP, now=now, raw=raw, kind=kind, digest=looked_at)
            return redirect(page_of(job))
        if "digest" in request.POST:
            digest = digest_in(request.POST["digest"])
            done = import_records(raw, kind=kind, digest=digest, clerk=clerk)
            messages.success(request, _("%(new)s rows came in.") % done.counts())
            return redirect("settlement:records", kind)
        found = records_in(raw, kind=kind, organisation=clerk.organisation)
    except ImportRefused as refused:
        return _page(request, kind, {"why": _("This sheet cannot be read."), "code": refused}, 400)
    return _page(request, kind, _preview(found, raw))


def _worked(request: HttpRequest, kind: str) -> dict[str, Any]:
    """What the worker found in a large file, or kept of it."""
    if (uid := after_of(request.GET.get("job", ""))) is None:
        return {}
    done = jobs_of(person_of(request)).filter(uid=uid, kind=KEEP, state=Job.State.DONE)
    job = done.filter(about__kind=kind).first()
    if job is None:
        return {}
    found = job.result
    return {
        "worked": found.get("digest", ""),
        "counts": [(FATES[fate], TONES[fate], found[fate]) for fate in FATES],
        "refused": [(line, WORDS.get(code, code)) for line, code in found.get("lines", [])],
        "writes": found["new"] if "digest" in found else 0,
    }


def _sheet(request: HttpRequest) -> bytes:
    """The file, or what the preview carried along of it."""
    form = SheetForm(request.POST, request.FILES)
    if form.is_valid():
        return form.content()
    return unpacked(request.POST.get("sheet", ""))


def _preview(found: Records, raw: bytes) -> dict[str, Any]:
    counts = found.counts()
    return {
        "rows": [
            (line, FATES[line.fate], TONES[line.fate], WORDS.get(line.code, ""))
            for line in found.lines[:SHOWN]
        ],
        "counts": [(FATES[fate], TONES[fate], number) for fate, number in counts.items()],
        "hidden": max(0, len(found.lines) - SHOWN),
        "digest": found.digest.hex(),
        "sheet": packed(raw),
        "writes": counts["new"],
    }


def _page(request: HttpRequest, kind: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {"kind": kind, "title": TITLES[kind], "columns": list(COLUMNS[kind]), **said}
    return render(request, "settlement/records.html", context, status=status)
