"""What lies before the approver, oldest first, and one of them with its evidence."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Person, Role
from accounts.selectors import roles_of
from trips.caller import Asking, caller_of
from trips.cost_papers import told_with_papers
from trips.models import Correction, State, Trip
from trips.opening import note
from trips.paging import OLDEST_FIRST, page_of
from trips.paper_findings import remarks_on
from trips.selectors import approvals_pending, open_corrections, trips_approved_by
from trips.selectors_files import papers_of, photos_of
from trips.services.confirm import confirm
from trips.services.decide_correction import decide_correction
from trips.services.order import order
from trips.services.return_request import return_request
from trips.services.send_back import send_back
from trips.showing import shown_trip, with_all, with_story
from trips.timeline import story_of
from trips.web.forms import AnswerForm, ReasonForm

# Which step a press would be; none where only a correction waits for its answer.
STEPS = {State.REQUESTED: 1, State.APPROVED: 2, State.TRAVELLING: 2, State.RETURNED: 2}


def approver_of_page(request: Asking) -> Person:
    person = caller_of(request)
    if Role.APPROVER not in roles_of(person, at=timezone.now()):
        raise PermissionDenied
    return person


@require_GET
@login_required
def approvals(request: HttpRequest) -> HttpResponse:
    """What was asked of this person. Own trips are not among them."""
    person, after = approver_of_page(request), request.GET.get("after", "")
    pending = approvals_pending(person, at=timezone.now())
    page = page_of(with_all(pending), after=after, order=OLDEST_FIRST)
    open_still = Correction.objects.filter(trip__in=page.rows, state=Correction.State.OPEN)
    held = set(open_still.values_list("trip_id", flat=True))
    context = {
        "rows": [
            (shown_trip(trip), STEPS.get(State(trip.state), 0), trip.pk in held)
            for trip in page.rows
        ],
        "next_url": f"?after={page.next}" if page.next else "",
        "previous_url": reverse("trips:approvals") if after else "",
    }
    return render(request, "trips/approvals.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def approval(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One trip with all it showed. That it was looked at is in the traveller's diary."""
    person, now = approver_of_page(request), timezone.now()
    trip = get_object_or_404(with_story(trips_approved_by(person)), uid=uid)
    asks = "return" in request.POST or request.POST.get("decision") == "declined"
    form = ReasonForm(request.POST if asks else None)
    if "correction" in request.POST and _answered(request, trip, person, form):
        return redirect("trips:approval", uid)
    if request.method == "POST" and _decided(request, trip, person, form):
        return redirect("trips:approvals")
    statements = note(person, trip, at=now, source=request.META.get("REMOTE_ADDR", ""))
    context = {
        "shown": shown_trip(trip),
        "story": story_of(trip, statements=statements),
        "photos": photos_of(trip),
        "remarks": remarks_on(trip, papers_of(trip)),
        "told": told_with_papers(trip, trip.papers.all()),
        "step": STEPS.get(State(trip.state), 0),
        "confirmed": trip.state == State.CONFIRMED,
        "too_early": trip.state in {State.APPROVED, State.TRAVELLING} and now < trip.ends_at,
        "corrections": open_corrections(trip),
        "form": form,
    }
    return render(request, "trips/approval.html", context, status=400 if form.is_bound else 200)


def _answered(request: HttpRequest, trip: Trip, person: Person, form: ReasonForm) -> bool:
    """Whether a correction has its answer; false asks for the reason again."""
    said = AnswerForm(request.POST)
    if not said.is_valid():
        raise BadRequest("not the form of this page")
    if form.is_bound and not form.is_valid():
        return False
    decide_correction(
        get_object_or_404(trip.corrections, uid=said.cleaned_data["correction"]),
        approver=person,
        decision=said.cleaned_data["decision"],
        note=form.cleaned_data["reason"] if form.is_bound else "",
        now=timezone.now(),
    )
    messages.success(request, _("The correction has your answer."))
    return True


def _decided(request: HttpRequest, trip: Trip, person: Person, form: ReasonForm) -> bool:
    """Whether a decision was made; false asks for the reason again."""
    now = timezone.now()
    if "approve" in request.POST:
        if trip.state == State.REQUESTED:
            order(trip, approver=person, now=now)
            messages.success(request, _("The trip is ordered."))
        else:
            confirm(trip, approver=person, now=now)
            messages.success(request, _("The trip is approved for payment."))
        return True
    if "return" not in request.POST or not form.is_valid():
        return False
    reason = form.cleaned_data["reason"]
    if trip.state == State.CONFIRMED:
        send_back(trip, actor=person, reason=reason, now=now)
    else:
        return_request(trip, approver=person, reason=reason, now=now)
    messages.success(request, _("It is given back with your reason."))
    return True
