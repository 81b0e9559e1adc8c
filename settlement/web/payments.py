"""``/settlement/payments/`` and ``/settlement/clawbacks/``: the bank's answer, and money back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Job, Person
from accounts.previews import digest_in, packed, unpacked
from attest.errors import ImportRefused
from settlement.asking import address_of, person_of
from settlement.jobs import ANSWER, is_small_file
from settlement.looking import look
from settlement.paging import after_of, page
from settlement.payments import COLUMNS, LARGEST, Answers, answers_in
from settlement.selectors import clawbacks_of
from settlement.services.apply_payments import apply_payments
from settlement.services.recover import recover
from settlement.web.month_forms import SheetForm
from settlement.web.rights import clerk_only
from settlement.working import asked, jobs_of, page_of

SHOWN = 200
TONES = {"paid": "ok", "failed": "warn", "same": "info", "refused": "bad"}
FATES = {
    "paid": gettext_lazy("Paid out"),
    "failed": gettext_lazy("Payment failed"),
    "same": gettext_lazy("Same as before"),
    "refused": gettext_lazy("Refused"),
}
WORDS = {
    "payment.cells": gettext_lazy("The row has more cells than the first row."),
    "payment.twice": gettext_lazy("Another row has the same settlement."),
    "payment.unknown": gettext_lazy("There is no such settlement, or it was taken back."),
    "payment.result": gettext_lazy("The result is neither paid nor failed."),
    "payment.date": gettext_lazy("The date is not written like 2026-11-23."),
    "payment.sum": gettext_lazy("The sum is not the one that was settled."),
    "payment.not-sent": gettext_lazy("This settlement was in no payment file."),
}


@require_http_methods(["GET", "POST"])
@clerk_only
def answers(request: HttpRequest) -> HttpResponse:
    """First the fate of every line; the same file comes back with the yes, nothing is kept."""
    clerk, now = person_of(request), timezone.now()
    if request.method == "GET":
        return _page(request, _worked(request, clerk))
    try:
        raw = _sheet(request)
        if not is_small_file(raw):
            digest = digest_in(request.POST.get("digest", "")).hex()
            return redirect(page_of(asked(clerk, ANSWER, now=now, raw=raw, digest=digest)))
        if "digest" in request.POST:
            done = apply_payments(raw, digest=digest_in(request.POST["digest"]), clerk=clerk)
            said = _("%(paid)s paid out, %(failed)s failed.") % done.counts()
            messages.success(request, said)
            return redirect("settlement:payments")
        found = answers_in(raw, clerk=clerk)
    except ImportRefused as refused:
        return _page(request, {"why": _("This sheet cannot be read."), "code": refused}, status=400)
    people = [line.settlement.traveller for line in found.lines if line.settlement]
    if people:
        look(
            clerk,
            people,
            depth="times",
            action="payment",
            reference=found.digest.hex()[:16],
            address=address_of(request),
            now=now,
        )
    return _page(request, _preview(found, raw))


def _worked(request: HttpRequest, clerk: Person) -> dict[str, Any]:
    """What the worker found in a large file, or wrote down of it."""
    if (uid := after_of(request.GET.get("job", ""))) is None:
        return {}
    job = jobs_of(clerk).filter(uid=uid, kind=ANSWER, state=Job.State.DONE).first()
    if job is None:
        return {}
    found = job.result
    return {
        "worked": found.get("digest", ""),
        "counts": [(FATES[fate], TONES[fate], found[fate]) for fate in FATES],
        "refused": [(line, WORDS.get(code, code)) for line, code in found.get("lines", [])],
        "writes": found["paid"] + found["failed"] if "digest" in found else 0,
    }


def _sheet(request: HttpRequest) -> bytes:
    """The file, or what the preview carried along of it."""
    form = SheetForm(request.POST, request.FILES)
    if form.is_valid():
        return form.content()
    return unpacked(request.POST.get("sheet", ""), largest=LARGEST)


def _preview(found: Answers, raw: bytes) -> dict[str, Any]:
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
        "writes": counts["paid"] + counts["failed"],
    }


def _page(request: HttpRequest, said: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {"columns": list(COLUMNS), **said}
    return render(request, "settlement/payments.html", context, status=status)


@require_GET
@clerk_only
def clawbacks(request: HttpRequest) -> HttpResponse:
    """What was paid and is to come back, newest first."""
    clerk, now = person_of(request), timezone.now()
    found, following = page(clawbacks_of(clerk), after=after_of(request.GET.get("after", "")))
    if found:
        look(
            clerk,
            [one.settlement.traveller for one in found],
            depth="times",
            action="clawback",
            reference="",
            address=address_of(request),
            now=now,
        )
    context = {"clawbacks": found, "following": str(following or "")}
    return render(request, "settlement/clawbacks.html", context)


@require_POST
@clerk_only
def recovery(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The money is back."""
    clerk = person_of(request)
    found = get_object_or_404(clawbacks_of(clerk), uid=uid)
    recover(found, clerk=clerk, now=timezone.now())
    messages.success(request, _("The money is written down as back."))
    return redirect("settlement:clawbacks")
