"""The traveller's appeal, and the desk of whoever hears it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from ledger.services.disclose import Look, Reader, disclose
from trips.caller import caller_of
from trips.hearing import appeals_before, may_hear
from trips.models import Appeal, Trip
from trips.selectors import standing
from trips.services.answer_appeal import answer_appeal
from trips.services.appeal import appeal
from trips.showing import shown_trip, with_story
from trips.timeline import story_of
from trips.web.approvals import approver_of_page
from trips.web.trips import own

_WORDS = {"class": "input", "rows": 5}


class AppealForm(forms.Form):
    about = forms.ChoiceField(
        label=gettext_lazy("What do you disagree with"),
        choices=Appeal.About.choices,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Why"), max_length=2_000, widget=forms.Textarea(_WORDS)
    )


class HearingForm(forms.Form):
    decision = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[
            (Appeal.State.UPHELD, gettext_lazy("The traveller is right")),
            (Appeal.State.DECLINED, gettext_lazy("It stays as it was judged")),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Why"), max_length=2_000, widget=forms.Textarea(_WORDS)
    )


@require_http_methods(["GET", "POST"])
@login_required
def make(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = own(request, uid)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        appeal(row, person=caller_of(request), now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your appeal is with somebody who had no part in it."))
        return redirect("trips:trip", uid)
    here = {"shown": shown_trip(row), "form": form}
    return render(request, "trips/appeal.html", here, status=400 if form.is_bound else 200)


@require_safe
@login_required
def appeals(request: HttpRequest) -> HttpResponse:
    """What lies before this person, soonest due first."""
    person, now = approver_of_page(request), timezone.now()
    rows = [
        row for row in appeals_before(person, at=now)[:50] if may_hear(person, row.trip, at=now)
    ]
    today = timezone.localdate(now)
    here = {"appeals": rows, "today": today, "soon": today + timedelta(days=3)}
    return render(request, "trips/appeals.html", here)


@require_http_methods(["GET", "POST"])
@login_required
def hearing(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One appeal with all that the trip shows. The look stands in the traveller's diary."""
    person, now = approver_of_page(request), timezone.now()
    row = get_object_or_404(appeals_before(person, at=now), uid=uid)
    if not may_hear(person, row.trip, at=now):
        raise PermissionDenied
    form = HearingForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        answer_appeal(row, officer=person, now=now, **form.cleaned_data)
        messages.success(request, _("The traveller has your answer."))
        return redirect("trips:appeals")
    trip = with_story(Trip.objects.filter(pk=row.trip_id)).get()
    boxes = [item.box() for item in trip.items.all()]
    depth = "place" if standing(trip) else "times"
    statements = disclose(
        reader=Reader(person, Role.APPROVER, request.META.get("REMOTE_ADDR", "")),
        looks=[
            Look(trip.traveller, depth),  # type: ignore[arg-type]  # one of two literals
            *(Look(trip.traveller, "times", box) for box in boxes),
        ],
        method="view",
        action="trip",
        purpose="approval",
        at=now,
        reference=trip.number,
    )
    here = {
        "appeal": row,
        "shown": shown_trip(trip),
        "story": story_of(trip, statements=statements),
        "form": form,
    }
    return render(request, "trips/hearing.html", here, status=400 if form.is_bound else 200)
