"""``/trips/<id>/questions/``: what holds one's own payment, in the clerk's words, and answering."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from settlement import words
from settlement.asking import person_of
from settlement.asking_about import OPEN, holds_of_traveller
from settlement.services.answer_hold import answer_hold
from trips.selectors import trips_travelled_by

MOST = 50


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        min_length=2,
        max_length=500,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )


@require_GET
@login_required
def questions(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Reading what is said of oneself leaves no trace in the diary."""
    person = person_of(request)
    trip = get_object_or_404(trips_travelled_by(person), uid=uid)
    rows = [
        {
            "held": held,
            "reason": words.reason(held.reason_code),
            "resolution": words.RESOLUTIONS.get(held.resolution_code, held.resolution_code),
            "open": held.state in OPEN,
            "form": AnswerForm(auto_id=f"answer-{held.pk}-%s"),
        }
        for held in holds_of_traveller(person).filter(trip=trip)[:MOST]
    ]
    return render(request, "settlement/questions.html", {"trip": trip, "rows": rows})


@require_POST
@login_required
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    held = get_object_or_404(holds_of_traveller(person), uid=uid)
    form = AnswerForm(request.POST)
    if form.is_valid():
        answer_hold(held, person=person, text=form.cleaned_data["text"], now=timezone.now())
        messages.success(request, _("Your answer lies before the clerk."))
    else:
        messages.error(request, _("Please write your answer."))
    return redirect("settlement:questions", held.trip.uid)
