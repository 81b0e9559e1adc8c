"""``/manage/imports/``: a sheet of people, looked at first, then applied."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import PeopleImport
from accounts.people_plan import APPLY, FATES, Plan, Step, plan_of
from accounts.people_sheet import COLUMNS, read_sheet
from accounts.selectors import sheets_of
from accounts.services.apply_sheet import apply_sheet
from accounts.services.keep_sheet import keep_sheet
from accounts.step_up import Answer, encoded
from accounts.web.forms import SheetForm
from accounts.web.rights import administrators_only, caller_of
from accounts.web.words import FATES as FATE_WORDS
from accounts.web.words import TONES, why
from attest.errors import ImportRefused

_SIZE = 100


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Take the file and show what it would do."""
    if request.method != "POST":
        return _upload(request, SheetForm())
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload(request, form, status=HTTPStatus.BAD_REQUEST)
    raw = form.cleaned_data["file"].read()
    try:
        kept, _plan = keep_sheet(raw, by=caller_of(request), now=timezone.now())
    except ImportRefused as refused:
        form.add_error("file", str(why(str(refused))))
        return _upload(request, form, status=HTTPStatus.BAD_REQUEST)
    return redirect("accounts:import", kept.uid)


@administrators_only
@require_safe
def preview(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Every row's fate as things stand now, 100 a page; refused rows can be shown alone."""
    now, caller = timezone.now(), caller_of(request)
    kept = get_object_or_404(sheets_of(caller, at=now), uid=uid, applied_at=None)
    plan = plan_of(caller.organisation, read_sheet(kept.box().open()), by=caller, now=now)
    return render(request, "accounts/import.html", _shown(request, kept, plan))


@administrators_only
@require_POST
def application(request: HttpRequest, uid: UUID) -> HttpResponse:
    now, caller = timezone.now(), caller_of(request)
    kept = get_object_or_404(sheets_of(caller, at=now), uid=uid)
    answer = Answer.read(request.POST.get("step_up", ""))
    counts = apply_sheet(kept, by=caller, answer=answer, now=now).counts()
    said = _("Applied: %(new)s new, %(changed)s changed, %(ended)s ended; %(refused)s refused.")
    messages.success(request, said % counts)
    return redirect("accounts:people")


def _upload(request: HttpRequest, form: SheetForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    here = {"form": form, "columns": list(COLUMNS)}
    return render(request, "accounts/imports.html", here, status=status)


def _shown(request: HttpRequest, kept: PeopleImport, plan: Plan) -> dict[str, Any]:
    fate, after = request.GET.get("fate", ""), _line(request.GET.get("after", ""))
    chosen = [step for step in plan.steps if fate in {"", step.fate}]
    rows = [step for step in chosen if step.entry.line > after][: _SIZE + 1]
    counts = plan.counts()
    return {
        "kept": kept,
        "fate": fate,
        "total": len(plan.steps),
        "chips": [(name, FATE_WORDS[name], counts[name]) for name in FATES],
        "counts": counts,
        "rows": [_row(step) for step in rows[:_SIZE]],
        "next": rows[_SIZE - 1].entry.line if len(rows) > _SIZE else 0,
        # Somebody changed the list meanwhile: what would be signed is no longer what is shown.
        "moved": bytes(kept.digest) != plan.digest,
        "something": bool(counts["new"] + counts["changed"] + counts["ended"]),
        "action": APPLY,
        "batch_hash": encoded(plan.digest),
    }


def _row(step: Step) -> dict[str, Any]:
    return {
        "line": step.entry.line,
        "name": step.entry.name,
        "department": step.entry.department,
        "fate": FATE_WORDS[step.fate],
        "tone": TONES[step.fate],
        "why": why(step.code) if step.code else "",
    }


def _line(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
