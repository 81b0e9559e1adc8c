"""``/settlement/exceptions/``: what holds a payment, and a person's reason to go on."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from attest.values import month_bounds
from settlement import showing, words
from settlement.asking import address_of, person_of
from settlement.asking_about import OPEN
from settlement.looking import look
from settlement.models import Hold
from settlement.months import NAME
from settlement.paging import after_of, page
from settlement.paying import for_judging, judge
from settlement.selectors import REVIEW, first_look_at, holds_of, trips_settled_by
from settlement.services.ask_traveller import ask_traveller
from settlement.services.resolve_hold import RESOLUTIONS, resolve_hold
from settlement.services.return_trip import return_trip
from settlement.services.review_hold import review_hold
from settlement.web.changes import ChangeForm, changing, proposal
from settlement.web.month_forms import reason_field
from settlement.web.rights import clerk_only
from trips.models import State


class ResolutionForm(forms.Form):
    resolution = forms.ChoiceField(
        label=gettext_lazy("Resolution"),
        choices=[(code, words.RESOLUTIONS[code]) for code in RESOLUTIONS],
        widget=forms.Select(attrs={"class": "input"}),
    )
    reason = reason_field()


class ReviewForm(forms.Form):
    reason = reason_field()
    prefix = "review"


class ReturnForm(forms.Form):
    reason = reason_field()
    # Two forms stand on one page, and an id names one thing.
    prefix = "return"


class AskForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your question"),
        min_length=2,
        max_length=500,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )
    prefix = "ask"


@require_GET
@clerk_only
def exceptions(request: HttpRequest) -> HttpResponse:
    """Open ones unless asked otherwise; by trip number, for nobody is looked at yet."""
    state, trip = request.GET.get("state", Hold.State.NEW), request.GET.get("trip", "")
    rows = holds_of(person_of(request)).filter(state=state)
    if trip:
        rows = rows.filter(trip__number=trip)
    month = request.GET.get("month", "")
    if NAME.fullmatch(month):
        start, end = month_bounds(month)
        rows = rows.filter(trip__starts_at__gte=start, trip__starts_at__lt=end)
    found, following = page(rows, after=after_of(request.GET.get("after", "")))
    context = {
        "month": month if NAME.fullmatch(month) else "",
        "holds": [showing.hold(held) for held in found],
        "following": str(following or ""),
        "state": state,
        "states": Hold.State.choices,
        "trip": trip,
    }
    return render(request, "settlement/exceptions.html", context)


@require_http_methods(["GET", "POST"])
@clerk_only
def exception(request: HttpRequest, uid: UUID) -> HttpResponse:
    clerk, now = person_of(request), timezone.now()
    held = get_object_or_404(holds_of(clerk), uid=uid)
    changed = "change-reason" in request.POST
    change_form = ChangeForm(request.POST, decided=bool(held.trip.decided)) if changed else None
    if change_form and change_form.is_valid():
        return proposal(request, held, change_form)
    form = ResolutionForm(None if changed else request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        resolve_hold(
            held,
            clerk=clerk,
            resolution=said["resolution"],
            reason=said["reason"],
            now=now,
        )
        messages.success(request, _("The exception is resolved."))
        return redirect("settlement:exceptions")
    trip = for_judging(trips_settled_by(clerk)).get(pk=held.trip_id)
    look(
        clerk,
        [trip.traveller],
        depth="place",
        action="exception",
        reference=trip.number,
        address=address_of(request),
        now=now,
    )
    context = {
        "held": held,
        "shown": showing.hold(held),
        "resolution": words.RESOLUTIONS.get(held.resolution_code, held.resolution_code),
        "sheet": showing.sheet(trip, judge(trip)),
        "form": form,
        "return_form": ReturnForm(),
        "open": held.state in OPEN and held.reason_code != REVIEW,
        "askable": held.state in OPEN,
        "said": held.messages.select_related("by"),
        "ask_form": AskForm(),
        "review_form": ReviewForm(),
        "first": first_look_at(held) if held.reason_code == REVIEW else None,
        "clerk": clerk,
        "returnable": trip.state == State.CONFIRMED,
    } | changing(held, trip, clerk, change_form)
    return render(request, "settlement/exception.html", context)


@require_POST
@clerk_only
def review(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One of the two looks at a review."""
    clerk = person_of(request)
    held = get_object_or_404(holds_of(clerk), uid=uid)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a reason."))
        return redirect("settlement:exception", held.uid)
    held = review_hold(held, clerk=clerk, reason=form.cleaned_data["reason"], now=timezone.now())
    if held.state == Hold.State.RESOLVED:
        messages.success(request, _("The exception is resolved."))
        return redirect("settlement:exceptions")
    messages.success(request, _("Kept. A second clerk has to look as well."))
    return redirect("settlement:exception", held.uid)


@require_POST
@clerk_only
def trip_return(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send the trip of an exception back to its traveller."""
    clerk = person_of(request)
    held = get_object_or_404(holds_of(clerk), uid=uid)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a reason."))
        return redirect("settlement:exception", held.uid)
    return_trip(held.trip, clerk=clerk, reason=form.cleaned_data["reason"], now=timezone.now())
    messages.success(request, _("The trip went back to its traveller."))
    return redirect("settlement:exceptions")


@require_POST
@clerk_only
def question(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask the traveller about it."""
    clerk = person_of(request)
    held = get_object_or_404(holds_of(clerk), uid=uid)
    form = AskForm(request.POST)
    if form.is_valid():
        ask_traveller(held, clerk=clerk, text=form.cleaned_data["text"], now=timezone.now())
        messages.success(request, _("The traveller was asked."))
    else:
        messages.error(request, _("Please write your question."))
    return redirect("settlement:exception", held.uid)
