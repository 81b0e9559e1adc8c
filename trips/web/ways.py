"""The page of all ways to one more item, whichever of their forms was sent."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from trips.models import State, Trip
from trips.showing import shown_trip
from trips.ways import ways_of
from trips.web.forms import StatementForm
from trips.web.paper_forms import PaperForm
from trips.witness_ways import witness_ways_of


def add_page(
    request: HttpRequest,
    trip: Trip,
    *,
    statement: StatementForm | None = None,
    paper: PaperForm | None = None,
    kept: str = "",
) -> HttpResponse:
    """*kept* names a file that was taken although its form was not whole."""
    if paper and kept:
        paper.is_here()
    forms = {"statement": statement or StatementForm(), "paper": paper or PaperForm.fresh(trip)}
    faulty = [name for name, form in forms.items() if form.is_bound]
    context = {
        "shown": shown_trip(trip),
        "ways": ways_of(trip),
        "witness_ways": witness_ways_of(trip, at=timezone.now()),
        "form": forms[faulty[0]] if faulty else None,
        "open": faulty[0] if faulty else "",
        "kept": kept,
        "take_back": trip.state not in {State.SETTLED, State.CANCELLED, State.VOIDED},
        "papers": list(trip.papers.all()),
    } | {f"{name}_form": form for name, form in forms.items()}
    return render(request, "trips/add.html", context, status=400 if faulty else 200)
