"""My trips, and one of them: its story, and what can be done now."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.saying import clock, moment
from attest.values import KST
from trips.caller import caller_of
from trips.hours import hours_of
from trips.models import COSTS_OPEN, MOVES, State, Trip
from trips.paging import page_of
from trips.selectors import standing, trips_travelled_by
from trips.selectors_files import photos_of
from trips.services.add_item import add_item
from trips.services.cancel import cancel
from trips.services.correct import correct
from trips.services.request import request as request_trip
from trips.showing import ShownTrip, shown_trip, with_all, with_story
from trips.timeline import story_of
from trips.web.forms import CorrectionForm, StatementForm
from trips.web.ways import add_page
from trips.web.whole import whole_of

UNDER_WAY = (State.DRAFT, State.REQUESTED, State.APPROVED, State.TRAVELLING, State.RETURNED)
CHIPS = {
    "": (gettext_lazy("All"), ()),
    "open": (gettext_lazy("Under way"), UNDER_WAY),
    "confirmed": (gettext_lazy("Approved"), (State.CONFIRMED,)),
    "settled": (gettext_lazy("Settled"), (State.SETTLED,)),
}


@require_GET
@login_required
def trips(request: HttpRequest) -> HttpResponse:
    person = caller_of(request)
    chosen = request.GET.get("show", "")
    page = page_of(
        _shown_as(trips_travelled_by(person), chosen), after=request.GET.get("after", "")
    )
    context = {
        "months": _months([shown_trip(trip) for trip in page.rows]),
        "chips": [(key, label, key == chosen) for key, (label, _states) in CHIPS.items()],
        "chosen": chosen,
        "next_url": f"?show={chosen}&after={page.next}" if page.next else "",
        "previous_url": f"?show={chosen}" if request.GET.get("after") else "",
    }
    return render(request, "trips/trips.html", context)


def _shown_as(rows: QuerySet[Trip], chosen: str) -> QuerySet[Trip]:
    _label, states = CHIPS.get(chosen, CHIPS[""])
    return with_all(rows.filter(state__in=states) if states else rows)


def _months(rows: list[ShownTrip]) -> list[tuple[tuple[int, int], list[ShownTrip]]]:
    """The rows by month in Korea; they come in order."""
    return [(month, list(some)) for month, some in groupby(rows, key=_month)]


def _month(shown: ShownTrip) -> tuple[int, int]:
    at = shown.trip.starts_at.astimezone(KST)
    return at.year, at.month


@require_GET
@login_required
def trip(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One's own trip. What others see of it stands at ``/approvals/`` and in the desk's room."""
    row = own(request, uid)
    statements = [item.box().open() for item in row.items.all()]
    whole = whole_of(row, person=caller_of(request), now=timezone.now())
    shown = shown_trip(row)
    context = {
        "shown": shown,
        "hours": hours_of(row, shown.expected),
        # R9: so near the office, only what was really paid is paid back.
        "near": any(line["item"] == "in_area_actual" for line in shown.expected.lines),
        "story": story_of(row, statements=statements),
        "photos": photos_of(row),
        "may": _may(row),
        "receipts": bool(standing(row)),
        "whole": whole,
    }
    return render(request, "trips/trip.html", context)


def own(request: HttpRequest, uid: UUID) -> Trip:
    """A trip of the caller's, with all that is shown of it; another's is not there."""
    return get_object_or_404(with_story(trips_travelled_by(caller_of(request))), uid=uid)


def _may(row: Trip) -> dict[str, bool]:
    touched = bool(standing(row))
    by_the_day = row.standing is None
    return {
        "edit": row.state == State.DRAFT,
        "request": row.state in MOVES["request"] and bool(row.purpose) and row.stops.exists(),
        "cancel": row.state in MOVES["cancel"] and not touched,
        "correct": row.open_hash is not None,
        "touch": by_the_day and row.state in MOVES["arrive"] and row.state != State.CONFIRMED,
        "cost": by_the_day and row.state in COSTS_OPEN,
    }


@require_POST
@login_required
def lay_before(request: HttpRequest, uid: UUID) -> HttpResponse:
    request_trip(own(request, uid), now=timezone.now())
    messages.success(request, _("Your approver has it now."))
    return redirect("trips:trip", uid)


@require_POST
@login_required
def call_off(request: HttpRequest, uid: UUID) -> HttpResponse:
    cancel(own(request, uid), actor=caller_of(request), reason="", now=timezone.now())
    messages.success(request, _("The trip is cancelled."))
    return redirect("trips:trip", uid)


@require_http_methods(["GET", "POST"])
@login_required
def add(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One more thing that supports the trip: ways of equal rank, the cheapest first."""
    row = own(request, uid)
    form = StatementForm(request.POST or None)
    if form.is_valid():
        text = form.cleaned_data["text"]
        add_item(row, person=caller_of(request), text=text, now=timezone.now())
        messages.success(request, _("Your statement is added."))
        return redirect("trips:trip", uid)
    return add_page(request, row, statement=form)


@require_http_methods(["GET", "POST"])
@login_required
def amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask for a correction. The original stays, and both are shown."""
    row = own(request, uid)
    form = CorrectionForm(request.POST or None, initial=_begun(row, request))
    if form.is_valid():
        correct(row, person=caller_of(request), now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your correction is with your approver."))
        return redirect("trips:trip", uid)
    context = {"shown": shown_trip(row), "form": form}
    return render(request, "trips/correct.html", context, status=_status(form))


def _begun(row: Trip, request: HttpRequest) -> dict[str, str]:
    """What the card of a forgotten return says already: then a second tap is all it takes."""
    said = {"what": request.GET.get("what", "")}
    if said["what"] != "return" or request.GET.get("at") != "planned":
        return said
    ends = row.ends_at
    same_day = localdate(ends) == localdate(row.starts_at)
    at = clock(ends) if same_day else moment(ends)
    return said | {"value": at, "reason": _("I could not press on return.")}


def _status(form: CorrectionForm) -> int:
    return 400 if form.is_bound else 200
