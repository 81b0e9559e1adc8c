"""A new trip, or a draft once more."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Person
from accounts.selectors import places_visible_to
from trips.caller import caller_of, traveller_of
from trips.models import State, Trip
from trips.selectors import trips_travelled_by
from trips.services.draft import draft
from trips.services.request import request as request_trip
from trips.services.revise import revise
from trips.showing import ShownTrip, shown_trip, with_all
from trips.web.forms import PlanForm, again, as_form, blank
from trips.writing import approver_of

# What the field offers before a word is typed.
OFFERED = 200


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    person = traveller_of(request, at=now)
    form = PlanForm(
        request.POST or None, person=person, at=now, initial=_initial(request, person, now)
    )
    if form.is_valid():
        return _then(request, draft(traveller=person, plan=form.plan(), now=now), now)
    return _page(request, form, person, None)


def _initial(request: HttpRequest, person: Person, now: datetime) -> dict[str, Any]:
    """An empty form, or the words of an earlier trip: one touch copies it."""
    if text := request.GET.get("copy", ""):
        try:
            uid = UUID(text)
        except ValueError as wrong:
            raise Http404 from wrong
        return again(get_object_or_404(trips_travelled_by(person), uid=uid), now)
    return blank(now, approver=approver_of(person, now=now))


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    person, now = caller_of(request), timezone.now()
    trip = get_object_or_404(with_all(trips_travelled_by(person)), uid=uid, state=State.DRAFT)
    form = PlanForm(request.POST or None, person=person, at=now, initial=as_form(trip))
    if form.is_valid():
        return _then(request, revise(trip, plan=form.plan(), now=now), now)
    return _page(request, form, person, shown_trip(trip))


def _then(request: HttpRequest, trip: Trip, now: datetime) -> HttpResponse:
    """Saved as a draft; laid before the approver if that button was pressed."""
    if request.POST.get("then") == "request":
        request_trip(trip, now=now)
        messages.success(request, _("Your approver has it now."))
    else:
        messages.success(request, _("Saved as a draft."))
    return redirect("trips:trip", trip.uid)


def _page(
    request: HttpRequest, form: PlanForm, person: Person, shown: ShownTrip | None
) -> HttpResponse:
    last = trips_travelled_by(person).exclude(purpose="").order_by("-registered_at").first()
    context = {
        "form": form,
        "shown": shown,
        "places": places_visible_to(person)[:OFFERED],
        "last": last if shown is None else None,
    }
    status = 400 if form.is_bound else 200
    return render(request, "trips/plan.html", context, status=status)
