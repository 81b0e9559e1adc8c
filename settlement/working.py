"""How a page of this room asks for work: done at once where it is small, else by the worker."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.jobs import BROKEN, INTERRUPTED, begin, done_here
from accounts.models import Job, Person
from settlement.jobs import (
    ANSWER,
    BRING,
    CHECK,
    DRAW,
    KEEP,
    LAY,
    LOOK,
    TAKE,
    TRY,
    WORKS,
    is_small,
)
from settlement.paying_out import PAY

TITLES: Final[dict[str, str | Promise]] = {
    LOOK: _("The sheet is being read"),
    BRING: _("The rows are coming in"),
    TAKE: _("Rows are becoming trips"),
    CHECK: _("The month is being checked"),
    LAY: _("Trips are being laid into the batch"),
    PAY: _("The batch is being settled"),
    DRAW: _("The sheet is being drawn"),
    ANSWER: _("The bank's answer is being read"),
    KEEP: _("The rows are being read"),
    TRY: _("Trips are being computed again"),
}
ENDS: Final[dict[str, str | Promise]] = {
    INTERRUPTED: _(
        "The work was interrupted. What was done is whole, the rest did not happen: "
        "please start it again."
    ),
    BROKEN: _("The work could not be done. Nothing of it was kept."),
}


def asked(person: Person, kind: str, /, *, now: Any, raw: bytes = b"", **about: Any) -> Job:
    """The job, done already if it is small. A refusal of small work is raised, as of any deed.

    Who asks again for what is drawn or tried already comes back to that: a page loaded ten times
    must not stand before everybody's payments.
    """
    if kind in {DRAW, TRY} and (same := _waiting(person).filter(kind=kind, about=about).first()):
        return same
    job = begin(person, kind=kind, about=about, now=now, raw=raw)
    return done_here(job, WORKS[kind]) if is_small(job) else job


def jobs_of(person: Person) -> QuerySet[Job]:
    return Job.objects.filter(owner=person, kind__in=list(WORKS)).order_by("-pk")


def under_way(person: Person, *kinds: str) -> list[dict[str, Any]]:
    """What is not ended yet, to come back to; of *kinds* alone where they are given."""
    rows = _waiting(person)
    rows = rows.filter(kind__in=kinds) if kinds else rows.exclude(kind=TRY)
    rows = rows[:10]
    return [{"job": job, "title": TITLES[job.kind]} for job in rows]


def _waiting(person: Person) -> QuerySet[Job]:
    return jobs_of(person).filter(state__in=[Job.State.WAITING, Job.State.RUNNING])


def page_of(job: Job) -> str:
    return reverse("settlement:work", args=[job.uid])


def after(job: Job) -> str:
    """Where a job that is done leads; empty where its own page shows what came of it."""
    if job.kind == PAY:
        return reverse("settlement:batch", args=[job.about["batch"]])
    if job.kind == LAY and "batch" in job.result:
        return reverse("settlement:batch", args=[job.result["batch"]])
    if job.kind == ANSWER:
        return f"{reverse('settlement:payments')}?job={job.uid}"
    if job.kind == KEEP:
        return f"{reverse('settlement:records', args=[job.about['kind']])}?job={job.uid}"
    if job.kind == TRY:
        return f"{reverse('settlement:rule-set', args=[job.about['rules']])}?job={job.uid}"
    if job.kind == DRAW:
        return ""
    steps = {
        LOOK: f"1&job={job.uid}",
        BRING: "2",
        TAKE: "2&list=sheet",
        CHECK: "3",
        LAY: "5",
    }
    return f"{reverse('settlement:month', args=[job.about['month']])}?step={steps[job.kind]}"
