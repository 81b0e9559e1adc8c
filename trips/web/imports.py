"""A sheet of trips, for administrators: what would happen to every row, then to do it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from attest.errors import ImportRefused
from trips.caller import administrator_of
from trips.services.import_trips import import_trips
from trips.sheet_plan import SheetPlan, plan_of
from trips.sheets import COLUMNS, read_sheet
from trips.web.carrying import (
    FATES,
    REFUSED,
    SHOWN,
    TONES,
    counted,
    digest_of,
    packed,
    sheet_of,
)

WORDS = {
    "trips.cells": gettext_lazy("The row has more cells than the first row."),
    "trips.time": gettext_lazy("A time is not written like 2026-11-23 09:30."),
    "trips.times-crossed": gettext_lazy("The end lies before the beginning."),
    "trips.vehicle": gettext_lazy("The vehicle is not known."),
    "trips.row-twice": gettext_lazy("Another row has the same person and beginning."),
    "trips.traveller-unknown": gettext_lazy("Nobody who may travel has this employee number."),
    "trips.approver-unknown": gettext_lazy("Nobody who may approve has this employee number."),
    "trips.own-approver": gettext_lazy("Nobody approves their own trip."),
    "trips.companion-unknown": gettext_lazy("A companion's employee number is not known."),
    "trips.companions-too-many": gettext_lazy("Too many companions."),
    "trips.place-unknown": gettext_lazy("Neither a place of the office nor a city or county."),
    "trips.place-vague": gettext_lazy("The place does not say where exactly."),
    "trips.not-a-draft": gettext_lazy("The trip there is no longer a draft."),
    "trips.several-there": gettext_lazy("Several trips begin at that time."),
}


@require_http_methods(["GET", "POST"])
@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """First the fate of every row; the same sheet comes back with the yes, nothing is kept."""
    now = timezone.now()
    person = administrator_of(request, at=now)
    if request.method == "GET":
        return _page(request, {})
    try:
        raw = sheet_of(request)
        entries = read_sheet(raw)
    except ImportRefused as refused:
        return _page(request, {"code": str(refused)}, status=400)
    if "digest" in request.POST:
        digest = digest_of(request.POST["digest"])
        done = import_trips(person.organisation, entries=entries, digest=digest, now=now)
        said = _("%(new)s new and %(changed)s changed drafts are written.")
        messages.success(request, said % done.counts())
        return redirect("trips:imports")
    return _page(request, _preview(plan_of(person.organisation, entries, now=now), raw))


def _preview(plan: SheetPlan, raw: bytes) -> dict[str, Any]:
    counts = plan.counts()
    return {
        "rows": [
            (step, FATES[step.fate], TONES[step.fate], WORDS.get(step.code, step.code))
            for step in plan.steps[:SHOWN]
        ],
        "counts": counted(counts),
        "hidden": max(0, len(plan.steps) - SHOWN),
        "digest": plan.digest.hex(),
        "sheet": packed(raw),
        "writes": counts["new"] + counts["changed"],
    }


def _page(request: HttpRequest, said: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {"columns": list(COLUMNS), **said}
    if code := said.get("code"):
        context["why"] = REFUSED.get(code, code)
    return render(request, "trips/imports.html", context, status=status)
