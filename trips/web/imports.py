"""A sheet of trips, for administrators: what would happen to every row, then to do it."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.csv_sheet import LARGEST
from attest.errors import BatchChanged, ImportRefused
from trips.caller import administrator_of
from trips.services.import_trips import import_trips
from trips.sheet_plan import SheetPlan, plan_of
from trips.sheets import COLUMNS, read_sheet
from trips.web.forms import SheetForm

# A preview lists so many rows; the counts are of all.
SHOWN = 200
# A larger sheet does not fit into a form's field: its file is chosen once more.
_CARRIED = 200_000
TONES = {"new": "ok", "changed": "brand", "same": "info", "refused": "bad"}
FATES = {
    "new": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "same": gettext_lazy("Same as before"),
    "refused": gettext_lazy("Refused"),
}
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

REFUSED = {
    "import.csv": gettext_lazy("The rows cannot be told apart. Please save it as CSV once more."),
    "import.encoding": gettext_lazy("This is not a CSV file in UTF-8 or CP949."),
    "import.workbook": gettext_lazy("The Excel file cannot be opened."),
    "import.locked": gettext_lazy("The Excel file is locked with a password."),
    "import.formula": gettext_lazy("A cell holds a formula. Please put its value there."),
    "import.too-large": gettext_lazy("The sheet is larger than 5 MiB."),
    "import.too-many-rows": gettext_lazy("The sheet has more than 20,000 rows."),
    "import.empty": gettext_lazy("The sheet has no rows."),
    "import.header-twice": gettext_lazy("A heading stands twice in the first row."),
    "import.header-unknown": gettext_lazy("The first row has a heading that is not known."),
    "import.header-missing": gettext_lazy("The first row lacks a heading."),
    "import.no-file": gettext_lazy("Please choose a file."),
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
        raw = _sheet(request)
        entries = read_sheet(raw)
    except ImportRefused as refused:
        return _page(request, {"code": str(refused)}, status=400)
    if "digest" in request.POST:
        digest = _digest(request.POST["digest"])
        done = import_trips(person.organisation, entries=entries, digest=digest, now=now)
        said = _("%(new)s new and %(changed)s changed drafts are written.")
        messages.success(request, said % done.counts())
        return redirect("trips:imports")
    return _page(request, _preview(plan_of(person.organisation, entries, now=now), raw))


def _sheet(request: HttpRequest) -> bytes:
    """The file, or what the preview carried along of it."""
    form = SheetForm(request.POST, request.FILES)
    if form.is_valid():
        content: bytes = form.cleaned_data["file"].read()
        return content
    try:
        packed = b64decode(request.POST.get("sheet", ""), validate=True)
        # No more than a sheet may be, whatever a small text claims to unfold to.
        return zlib.decompressobj().decompress(packed, LARGEST + 1)
    except (ValueError, zlib.error) as wrong:
        raise ImportRefused("import.no-file") from wrong


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise BatchChanged("not the digest of a preview") from wrong


def _preview(plan: SheetPlan, raw: bytes) -> dict[str, Any]:
    counts = plan.counts()
    packed = b64encode(zlib.compress(raw, 9)).decode()
    return {
        "rows": [
            (step, FATES[step.fate], TONES[step.fate], WORDS.get(step.code, step.code))
            for step in plan.steps[:SHOWN]
        ],
        "counts": [(FATES[fate], TONES[fate], number) for fate, number in counts.items()],
        "hidden": max(0, len(plan.steps) - SHOWN),
        "digest": plan.digest.hex(),
        "sheet": packed if len(packed) < _CARRIED else "",
        "writes": counts["new"] + counts["changed"],
    }


def _page(request: HttpRequest, said: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {"columns": list(COLUMNS), **said}
    if code := said.get("code"):
        context["why"] = REFUSED.get(code, code)
    return render(request, "trips/imports.html", context, status=status)
