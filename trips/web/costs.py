"""What a trip cost: one page, told whole by its traveller."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from attest.errors import ClaimRefused
from trips.caller import caller_of
from trips.cost_papers import told_with_papers
from trips.services.tell_costs import tell_costs
from trips.showing import ShownTrip, shown_trip
from trips.web.cost_forms import MOST_DATES, CostForms, days_of
from trips.web.trips import own


@require_http_methods(["GET", "POST"])
@login_required
def costs(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = own(request, uid)
    sent = request.method == "POST"
    shown = shown_trip(row)
    make = CostForms.near if in_area(shown) else CostForms.far
    told = make(row, request.POST if sent else None)
    faults: list[str] = []
    if sent and told.are_valid():
        try:
            tell_costs(row, person=caller_of(request), costs=told.costs(), now=timezone.now())
        except ClaimRefused as refused:
            korean = (get_language() or "ko").startswith("ko")
            faults = [f"{one.path}: {one.ko if korean else one.en}" for one in refused.faults]
        else:
            messages.success(request, _("What the trip cost is told."))
            return redirect("trips:trip", uid)
    context = {
        "shown": shown,
        "told": told,
        "faults": faults,
        "costs_told": told_with_papers(row, row.papers.all()),
        "too_long": not told.small and len(days_of(row)) > MOST_DATES,
    }
    return render(request, "trips/costs.html", context, status=400 if sent else 200)


def in_area(shown: ShownTrip) -> bool:
    return any(line["item"].startswith("in_area") for line in shown.expected.lines)
