"""``/settlement/work/<id>/``: how far work is that may be left and come back to."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.jobs import lapse
from accounts.models import Job
from settlement.asking import person_of
from settlement.handing import drawn_file
from settlement.jobs import DRAW
from settlement.sheets.words import SHEET
from settlement.web.previews import said
from settlement.web.rights import clerk_only, worker_only
from settlement.working import ENDS, TITLES, after, jobs_of


@require_GET
@worker_only
def work(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One's own work. Done, it leads on; cut off, it says so."""
    lapse()
    job = get_object_or_404(jobs_of(person_of(request)), uid=uid)
    if job.state == Job.State.DONE and (onward := after(job)):
        return redirect(onward)
    cells = job.result.get("cells", []) if job.state == Job.State.FAILED else []
    context = {
        "job": job,
        "title": TITLES[job.kind],
        "why": ENDS.get(job.code) or (said(job.code) if job.code in SHEET else job.code),
        "cells": [(cell, said(cell["code"])) for cell in cells],
        "file": job.kind == DRAW and job.state == Job.State.DONE,
    }
    return render(request, "settlement/work.html", context)


@require_GET
@clerk_only
def work_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The sheet that was drawn, to take away."""
    clerk = person_of(request)
    job = get_object_or_404(jobs_of(clerk), uid=uid, kind=DRAW, state=Job.State.DONE)
    return drawn_file(request, job, clerk=clerk, now=timezone.now())
