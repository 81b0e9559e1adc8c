"""``/settlement/months/``: one month from the sheet to the payment, step by step."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts import saying
from accounts.models import Job, Person
from attest.errors import DutiesClash, MonthClosed, MoveRefused
from attest.values import month_before, month_of
from settlement import exporting
from settlement.asking import address_of, person_of
from settlement.handing import file_of
from settlement.jobs import CHECK, DRAW, LAY, LOOK, TAKE, is_small_month
from settlement.looking import look
from settlement.models import Month, SheetRow
from settlement.months import (
    UNDECIDED,
    Counts,
    check_line_of,
    counts_of,
    month_for,
    months_of,
    only_product,
    proposed_reopening,
    rows_of_month,
    trips_of_month,
)
from settlement.paging import after_of, page
from settlement.paying import for_judging, judge
from settlement.services.close_month import close_month
from settlement.services.lay_sums import lay_sums
from settlement.services.reopen_month import reopen_month
from settlement.services.send_payments import send_payments
from settlement.showing import warnings_of
from settlement.standing import allowances_in
from settlement.web.month_forms import ReopenForm, SheetForm
from settlement.web.previews import shown_preview
from settlement.web.rights import clerk_only
from settlement.working import after, asked, jobs_of, page_of, under_way
from trips.move_words import sentence_of

Fate = SheetRow.Fate
STEPS: Final = (
    gettext_lazy("Import"),
    gettext_lazy("Compare"),
    gettext_lazy("Exceptions"),
    gettext_lazy("Compute"),
    gettext_lazy("Batch"),
    gettext_lazy("Export"),
)
# The three lists of step 2, and what a row of the sheet says to be in one.
LISTS: Final = {
    "undecided": UNDECIDED,
    "both": (Fate.MATCHED,),
    "sheet": (Fate.ONLY, Fate.ADDED),
    "out": (Fate.REFUSED, Fate.LEFT, Fate.REPLACED),
}
SHEETS: Final = {
    "trips": gettext_lazy("The sheet filled in, with summary and sorted rows (XLSX)"),
    "trips-as-came": gettext_lazy("The sheet cell for cell in the format it came in"),
    "summary": gettext_lazy("Summary by person, and every trip"),
    "statement": gettext_lazy("Payment statement"),
    "school": gettext_lazy("Distance check for schools"),
    "payments-csv": gettext_lazy("Payment file (CSV)"),
    "payments": gettext_lazy("Payment file (XLSX)"),
}


@require_GET
@clerk_only
def months(request: HttpRequest) -> HttpResponse:
    """The month of today and the eleven before it."""
    clerk = person_of(request)
    name = month_of(timezone.now())
    known = {month.name: month for month in months_of(clerk)[:48]}
    rows = []
    for _again in range(12):
        rows.append({"name": name, "said": saying.month(name), "month": known.get(name)})
        name = month_before(name)
    return render(request, "settlement/months.html", {"rows": rows})


@require_GET
@clerk_only
def month(request: HttpRequest, name: str) -> HttpResponse:
    """Every step says what is left of it; one goes back and forth as one likes."""
    clerk, now = person_of(request), timezone.now()
    found = month_for(clerk, name)
    counts = counts_of(clerk, found)
    asked = request.GET.get("step", "")
    step = int(asked) if asked in {"1", "2", "3", "4", "5", "6"} else first_left(counts)
    context = frame(clerk, found, counts, step)
    match step:
        case 1:
            context["imports"] = list(
                found.imports.defer("sheet").select_related("by").order_by("-pk")[:20]
            )
            context["form"] = SheetForm()
            context |= _looked_at(request, clerk, name)
        case 2:
            context |= _compared(request, clerk, found, now)
        case 3:
            rows = found.findings.prefetch_related("trips").order_by("-pk")
            after = after_of(request.GET.get("after", ""))
            context["findings"], following = page(rows, after=after)
            context["following"] = str(following or "")
        case 4:
            context |= _computed(request, clerk, found, now)
        case 6:
            context["sheets"] = SHEETS.items()
    return render(request, "settlement/month.html", context)


def _looked_at(request: HttpRequest, clerk: Person, name: str) -> dict[str, Any]:
    """The preview the worker made of a large sheet."""
    if (uid := after_of(request.GET.get("job", ""))) is None:
        return {}
    job = jobs_of(clerk).filter(uid=uid, kind=LOOK, state=Job.State.DONE).first()
    return shown_preview(job.result) if job and job.about["month"] == name else {}


def frame(clerk: Person, found: Month, counts: Counts, step: int) -> dict[str, Any]:
    """What every step of a month shows."""
    left = (
        0 if counts.imports else 1,
        counts.undecided + counts.fates[Fate.ONLY],
        counts.holds,
        counts.unsettled,
        counts.open_batches,
        counts.payments["unpaid"] + counts.payments["failed"],
    )
    return {
        "month": found,
        "title": saying.month(found.name),
        "counts": counts,
        "step": step,
        "steps": [
            {"number": n, "word": word, "left": rest}
            for n, (word, rest) in enumerate(zip(STEPS, left, strict=True), start=1)
        ],
        "check": check_line_of(clerk, found.name),
        "proposed": proposed_reopening(found) if found.state == Month.State.CLOSED else None,
        "reopen_form": ReopenForm(),
        "me": clerk,
        "under_way": under_way(clerk),
    }


def first_left(counts: Counts) -> int:
    """Where the work goes on."""
    if not counts.imports and not counts.trips:
        return 1
    if counts.undecided or counts.fates[Fate.ONLY]:
        return 2
    if counts.holds:
        return 3
    return 4 if counts.unsettled else 6


def _compared(request: HttpRequest, clerk: Person, found: Month, now: datetime) -> dict[str, Any]:
    kind = request.GET.get("list", "undecided")
    after = after_of(request.GET.get("after", ""))
    if kind == "here":
        trips, following = page(only_product(clerk, found.name), after=after)
        people = [trip.traveller for trip in trips]
        said: dict[str, Any] = {"here": trips}
    else:
        kind = kind if kind in LISTS else "undecided"
        rows, following = page(rows_of_month(found).filter(fate__in=LISTS[kind]), after=after)
        people = [row.person for row in rows if row.person]
        said = {"rows": rows}
    _note(request, clerk, people, found.name, now)
    return said | {"list": kind, "following": str(following or "")}


def _computed(request: HttpRequest, clerk: Person, found: Month, now: datetime) -> dict[str, Any]:
    """A page of the trips not yet settled, each with what it comes to now."""
    rows = trips_of_month(clerk, found.name).exclude(state="settled")
    # Judged a page at a time: a sum is asked of the engine, never kept beside it.
    trips, following = page(
        for_judging(rows).order_by("-pk"), after=after_of(request.GET.get("after", ""))
    )
    _note(request, clerk, [trip.traveller for trip in trips], found.name, now)
    answers = [(trip, judge(trip)) for trip in trips]
    allowed = allowances_in(found.name).filter(person__organisation=found.organisation)
    return {
        "standing": allowed.count(),
        "answers": [
            {
                "trip": trip,
                "payable": answer.payable,
                "won": answer.sum.won,
                "code": answer.code,
                "warned": [one for one in warnings_of(answer) if one["level"] == "check"],
            }
            for trip, answer in answers
        ],
        "following": str(following or ""),
    }


def _note(
    request: HttpRequest, clerk: Person, people: list[Person], reference: str, now: datetime
) -> None:
    """A page that names people is a look at them; one that names nobody is none."""
    if people:
        look(
            clerk,
            people,
            depth="times",
            action="month",
            reference=reference,
            address=address_of(request),
            now=now,
        )


@require_POST
@clerk_only
def taking(request: HttpRequest, name: str) -> HttpResponse:
    """The rows that are only in the sheet become trips."""
    clerk = person_of(request)
    waiting = rows_of_month(month_for(clerk, name)).filter(fate=Fate.ONLY)
    job = asked(clerk, TAKE, now=timezone.now(), month=name, rows=waiting.count())
    if job.state != Job.State.DONE:
        return redirect(page_of(job))
    messages.success(request, _("%(n)s rows were taken over as trips.") % {"n": job.result["rows"]})
    return redirect(after(job))


@require_POST
@clerk_only
def checking(request: HttpRequest, name: str) -> HttpResponse:
    """The papers of the month are held against each other."""
    job = asked(person_of(request), CHECK, now=timezone.now(), month=name)
    if job.state != Job.State.DONE:
        return redirect(page_of(job))
    messages.success(request, _("%(n)s new findings.") % {"n": job.result["found"]})
    return redirect(after(job))


@require_POST
@clerk_only
def laying(request: HttpRequest, name: str) -> HttpResponse:
    """What can be paid of this month is laid into the open batch."""
    job = asked(person_of(request), LAY, now=timezone.now(), month=name)
    if job.state != Job.State.DONE:
        return redirect(page_of(job))
    if "batch" not in job.result:
        messages.error(request, _("Nothing of this month can be paid just now."))
    return redirect(after(job))


@require_POST
@clerk_only
def standing(request: HttpRequest, name: str) -> HttpResponse:
    """The standing sums of the month are worked out and go before their approvers."""
    clerk = person_of(request)
    try:
        laid = lay_sums(month_for(clerk, name), clerk=clerk, now=timezone.now())
    except MonthClosed:
        messages.error(request, _("The month is closed: it has to be open first."))
        return _to(name, 4)
    except MoveRefused as refused:
        messages.error(request, sentence_of(refused))
        return _to(name, 4)
    if laid.rows:
        said = _("%(n)s standing sums were worked out. Their approvers see them now.")
        messages.success(request, said % {"n": laid.rows})
    elif not laid.unapproved:
        messages.info(request, _("No standing sum changed since it was worked out last."))
    if laid.unapproved:
        said = _("Of %(n)s people nobody may approve the sum: their department has no approver.")
        messages.error(request, said % {"n": laid.unapproved})
    return _to(name, 4)


@require_POST
@clerk_only
def payments(request: HttpRequest, name: str) -> HttpResponse:
    """What is settled goes into the payment file."""
    clerk = person_of(request)
    try:
        sent = send_payments(month_for(clerk, name), clerk=clerk, now=timezone.now())
    except MoveRefused as refused:
        messages.error(request, sentence_of(refused))
        return _to(name, 6)
    messages.success(request, _("%(n)s payments are in the file now.") % {"n": sent})
    return _to(name, 6)


@require_POST
@clerk_only
def closing(request: HttpRequest, name: str) -> HttpResponse:
    clerk = person_of(request)
    try:
        close_month(month_for(clerk, name), clerk=clerk, now=timezone.now())
    except MoveRefused as refused:
        messages.error(request, sentence_of(refused))
        return _to(name, 2 if refused.why == "month.rows-waiting" else 6)
    messages.success(request, _("The month is closed. What comes later is paid in the next."))
    return _to(name, 6)


@require_POST
@clerk_only
def reopening(request: HttpRequest, name: str) -> HttpResponse:
    clerk = person_of(request)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a reason."))
        return _to(name, 6)
    reason = form.cleaned_data["reason"]
    try:
        done = reopen_month(month_for(clerk, name), clerk=clerk, reason=reason, now=timezone.now())
    except (DutiesClash, MoveRefused) as refused:
        messages.error(request, sentence_of(refused))
        return _to(name, 6)
    said = _("The month is open again.") if done else _("Another clerk has to agree.")
    messages.success(request, said)
    return _to(name, 6)


@require_GET
@clerk_only
def sheet(request: HttpRequest, name: str, sheet: str) -> HttpResponseBase:
    """One sheet of the month, to take away; of a large month the worker draws it first."""
    clerk, now = person_of(request), timezone.now()
    if sheet not in exporting.NAMES:
        raise Http404
    found = month_for(clerk, name)
    if is_small_month(clerk, name):
        return file_of(request, found, sheet, clerk=clerk, now=now)
    return redirect(page_of(asked(clerk, DRAW, now=now, month=name, sheet=sheet)))


def _to(name: str, step: int, more: str = "") -> HttpResponse:
    answer = redirect("settlement:month", name)
    answer["Location"] += f"?step={step}{more}"
    return answer
