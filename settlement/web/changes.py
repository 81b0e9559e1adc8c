"""What a clerk changes at an exception: what the sum is by, by two; or that it was no trip."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import Person
from attest.errors import BatchChanged, DutiesClash, MoveRefused
from settlement.asking import person_of
from settlement.asking_about import OPEN
from settlement.models import Hold, Revision
from settlement.revising import Change, proposed_of, revisions_of
from settlement.selectors import REVIEW, holds_of, trips_settled_by
from settlement.services.decide_change import decide_change
from settlement.services.not_a_trip import not_a_trip
from settlement.services.open_hold import open_hold
from settlement.services.propose_change import MOST_M, propose_change
from settlement.web.month_forms import reason_field
from settlement.web.rights import clerk_only
from trips.models import MOVES, Correction, Distance, Trip


class ChangeForm(forms.Form):
    area = forms.ChoiceField(
        label=gettext_lazy("Area"),
        required=False,
        choices=[("", gettext_lazy("As the rules say")), *Revision.Area.choices],
        widget=forms.Select(attrs={"class": "input"}),
    )
    one_way_m = forms.IntegerField(
        label=gettext_lazy("Distance one way, in metres"),
        required=False,
        min_value=0,
        max_value=MOST_M,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How it was measured"),
        required=False,
        choices=[("", "–"), *Distance.Method.choices],
        widget=forms.Select(attrs={"class": "input"}),
    )
    back = forms.BooleanField(
        label=gettext_lazy("Back to what the rules say: nothing decided before counts any more"),
        required=False,
    )
    reason = reason_field()
    prefix = "change"

    def __init__(self, *said: Any, decided: bool = False) -> None:
        super().__init__(*said)
        if not decided:
            del self.fields["back"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        far, method = said.get("one_way_m"), said.get("method")
        if (far is None) != (not method):
            self.add_error("method", _("Please give the metres and how they were measured."))
        changed = far is not None or said.get("area")
        if said.get("back"):
            if changed:
                self.add_error("back", _("Either back to the rules, or another area or distance."))
        elif not changed:
            self.add_error("area", _("Please change the area or the distance."))
        return said


class DecideForm(forms.Form):
    reason = reason_field()
    prefix = "decide"


class NoTripForm(forms.Form):
    reason = reason_field()
    prefix = "void"


def changing(held: Hold, trip: Trip, clerk: Person, form: ChangeForm | None) -> dict[str, Any]:
    """What the page of an exception shows of all this."""
    yes = trip.corrections.filter(what=Correction.What.MISTAKE)
    proposed = proposed_of(held)
    return {
        "proposed": proposed,
        "mine_proposed": proposed is not None and proposed.by_id == clerk.pk,
        "revisions": list(revisions_of(held).exclude(state=Revision.State.PROPOSED)),
        "changeable": held.state in OPEN and held.reason_code != REVIEW,
        "change_form": form or ChangeForm(decided=bool(trip.decided)),
        "decide_form": DecideForm(),
        "voidable": held.state != Hold.State.RESOLVED and trip.state in MOVES["void"],
        "said_mistake": yes.exclude(state=Correction.State.DECLINED).exists(),
        "void_form": NoTripForm(),
    }


@require_POST
@clerk_only
def decide(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Agree to what another clerk proposed, or decline it."""
    clerk = person_of(request)
    held = get_object_or_404(holds_of(clerk), uid=uid)
    form, agree = DecideForm(request.POST), request.POST.get("answer") == "agree"
    decision = Revision.State.AGREED if agree else Revision.State.DECLINED
    if not form.is_valid():
        messages.error(request, _("Please give a reason."))
        return redirect("settlement:exception", held.uid)
    said = form.cleaned_data["reason"]
    try:
        decide_change(held, clerk=clerk, decision=decision, reason=said, now=timezone.now())
    except DutiesClash:
        messages.error(request, _("Another clerk has to agree."))
    except BatchChanged:
        words = _("The sum has changed since the proposal. Please decline it and propose it again.")
        messages.error(request, words)
    else:
        if agree:
            messages.success(request, _("The trip is computed by it from now on."))
            return redirect("settlement:exceptions")
        messages.success(request, _("Declined. Nothing was changed."))
    return redirect("settlement:exception", held.uid)


def proposal(request: HttpRequest, held: Hold, form: ChangeForm) -> HttpResponse:
    """Lay a change before a second clerk; *form* was checked."""
    said = form.cleaned_data
    change = Change(said["area"], said["one_way_m"], said["method"], said.get("back", False))
    clerk, now = person_of(request), timezone.now()
    propose_change(held, clerk=clerk, change=change, reason=said["reason"], now=now)
    messages.success(request, _("Proposed. A second clerk has to agree before anything changes."))
    return redirect("settlement:exception", held.uid)


@require_POST
@clerk_only
def no_trip(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Void the trip of an exception, as its traveller has said."""
    clerk = person_of(request)
    held = get_object_or_404(holds_of(clerk), uid=uid)
    form = NoTripForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a reason."))
        return redirect("settlement:exception", held.uid)
    try:
        not_a_trip(held, clerk=clerk, reason=form.cleaned_data["reason"], now=timezone.now())
    except MoveRefused:
        messages.error(request, _("The traveller has not said that this was no trip."))
        return redirect("settlement:exception", held.uid)
    messages.success(request, _("The trip is void. What was recorded stays in the log."))
    return redirect("settlement:exceptions")


@require_POST
@clerk_only
def hold(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Hold a trip because of a warning, and go to its exception."""
    clerk = person_of(request)
    trip = get_object_or_404(trips_settled_by(clerk), uid=uid)
    warning = request.POST.get("warning", "")[:40]
    held = open_hold(trip, clerk=clerk, warning=warning, now=timezone.now())
    return redirect("settlement:exception", held.uid)
