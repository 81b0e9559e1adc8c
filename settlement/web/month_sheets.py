"""A sheet comes into its month: first every row's fate, then the rows; and one row decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import saying
from accounts.models import Job
from accounts.workbooks.guard import kind_of
from attest.errors import BatchChanged, MoveRefused, SheetRefused
from settlement.asking import address_of, person_of
from settlement.jobs import BRING, LOOK
from settlement.looking import look
from settlement.matching import namesakes, near_trips
from settlement.months import WAITING, counts_of, month_for, rows_of_month
from settlement.services.decide_row import decide_row
from settlement.sheets.words import CellFault
from settlement.web.month_forms import DecisionForm, SheetForm
from settlement.web.months import frame
from settlement.web.previews import said, shown_preview
from settlement.web.rights import clerk_only
from settlement.working import after, asked, page_of
from trips.move_words import of_move


@require_POST
@clerk_only
def imports(request: HttpRequest, name: str) -> HttpResponse:
    """Without a digest a preview, nothing stored; with it the very same file comes in."""
    clerk, now = person_of(request), timezone.now()
    found = month_for(clerk, name)
    form = SheetForm(request.POST, request.FILES)
    context = frame(clerk, found, counts_of(clerk, found), 1) | {"form": form}
    if not form.is_valid():
        return render(request, "settlement/month.html", context, status=400)
    raw = form.content()
    try:
        if digest := _digest(request.POST.get("digest", "")):
            job = asked(clerk, BRING, now=now, raw=raw, month=name, digest=digest.hex())
        else:
            kind_of(raw)
            job = asked(clerk, LOOK, now=now, raw=raw, month=name)
    except SheetRefused as refused:
        context |= _refused(refused)
        return render(request, "settlement/month.html", context, status=400)
    except BatchChanged:
        messages.error(request, _("This is another file than the one that was looked at."))
        return redirect("settlement:month", name)
    if job.state != Job.State.DONE:
        return redirect(page_of(job))
    if job.kind == BRING:
        messages.success(request, _("%(n)s rows came in.") % {"n": job.result["rows"]})
        return redirect(after(job))
    return render(request, "settlement/month.html", context | shown_preview(job.result))


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise BatchChanged("not the digest of a preview") from wrong


def _refused(refused: SheetRefused) -> dict[str, Any]:
    cells = [cell for cell in refused.cells if isinstance(cell, CellFault)]
    return {"why": said(refused.why), "cells": [(cell, said(cell.code)) for cell in cells]}


@require_http_methods(["GET", "POST"])
@clerk_only
def row(request: HttpRequest, name: str, uid: UUID) -> HttpResponse:
    """One row nobody could be sure of: what it says, what is near it, and a person's word."""
    clerk, now = person_of(request), timezone.now()
    found = month_for(clerk, name)
    rows = rows_of_month(found).filter(fate__in=WAITING)
    one = get_object_or_404(rows, uid=uid)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        choice, _colon, trip = form.cleaned_data["choice"].partition(":")
        try:
            decide_row(
                one,
                clerk=clerk,
                choice=choice,
                person=form.cleaned_data["person"],
                trip=_uid(trip),
                reason=form.cleaned_data["reason"],
                now=now,
            )
        except MoveRefused as refused:
            general = _("Please say whose row it is, and which trip.")
            form.add_error(None, of_move(refused).get("detail", general))
        else:
            messages.success(request, _("The row is decided."))
            answer = redirect("settlement:month", name)
            answer["Location"] += "?step=2"
            return answer
    people = [one.person] if one.person else list(namesakes(one))
    if people:
        look(
            clerk,
            people,
            depth="times",
            action="month",
            reference=name,
            address=address_of(request),
            now=now,
        )
    context = {
        "row": one,
        "month": found,
        "title": saying.month(name),
        "form": form,
        "candidates": [{"person": person, "trips": near_trips(one, person)} for person in people],
        "faults": [said(fault["code"]) for fault in one.faults],
    }
    return render(request, "settlement/month_row.html", context)


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
