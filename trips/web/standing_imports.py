"""A sheet of standing allowances, for administrators: what every row would do, then to do it."""

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
from attest.values import month_before
from trips.caller import administrator_of
from trips.services.import_standing import import_standing
from trips.standing_plan import StandingPlan, Step, plan_of
from trips.standing_sheet import COLUMNS, read_sheet
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

_EMPTY = gettext_lazy("The cell is empty.")
_UNREADABLE = gettext_lazy("The cell is too long, or holds characters nobody can print.")
_MONTH = gettext_lazy("A month is not written like 2026-10.")
WORDS = {
    "standing.cells": gettext_lazy("The row has more cells than the first row."),
    "standing.number-missing": _EMPTY,
    "standing.number-unreadable": _UNREADABLE,
    "standing.reason-missing": _EMPTY,
    "standing.reason-unreadable": _UNREADABLE,
    "standing.first": _MONTH,
    "standing.last": _MONTH,
    "standing.months-crossed": gettext_lazy("The last month lies before the first."),
    "standing.sum": gettext_lazy("The sum is not whole won between 1 and 10,000,000."),
    "standing.months-twice": gettext_lazy("Another row pays the same person for one month."),
    "standing.person-unknown": gettext_lazy("Nobody here has this employee number."),
    "standing.own": gettext_lazy("Another administrator writes down a sum of your own."),
    "standing.months-taken": gettext_lazy("One of these months has a standing allowance already."),
    "settlement.already": gettext_lazy(
        "A trip of these months is settled already: take that back first."
    ),
}
_REFUSED = {
    **REFUSED,
    "import.too-many-rows": gettext_lazy("The sheet has more than 1,000 rows."),
}


@require_http_methods(["GET", "POST"])
@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """First the fate of every row; the same sheet comes back with the yes, nothing is kept."""
    now = timezone.now()
    caller = administrator_of(request, at=now)
    if request.method == "GET":
        return _page(request, {})
    try:
        raw = sheet_of(request)
        entries = read_sheet(raw)
    except ImportRefused as refused:
        return _page(request, {"code": str(refused)}, status=400)
    if "digest" in request.POST:
        digest = digest_of(request.POST["digest"])
        done = import_standing(entries, digest=digest, by=caller, now=now)
        messages.success(request, _("%(new)s allowances are written down.") % done.counts())
        return redirect("trips:standing-import")
    return _page(request, _preview(plan_of(caller.organisation, entries, by=caller), raw))


def _preview(plan: StandingPlan, raw: bytes) -> dict[str, Any]:
    counts = plan.counts()
    return {
        "rows": [_row(step) for step in plan.steps[:SHOWN]],
        "counts": counted(counts),
        "hidden": max(0, len(plan.steps) - SHOWN),
        "digest": plan.digest.hex(),
        "sheet": packed(raw),
        "writes": counts["new"],
    }


def _row(step: Step) -> tuple[Any, ...]:
    last = month_before(step.entry.until) if step.entry.until else ""
    why = WORDS.get(step.code, step.code)
    return step, last, FATES[step.fate], TONES[step.fate], why


def _page(request: HttpRequest, said: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {"columns": list(COLUMNS), **said}
    if code := said.get("code"):
        context["why"] = _REFUSED.get(code, code)
    return render(request, "trips/standing_import.html", context, status=status)
