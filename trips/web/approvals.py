"""What lies before the approver, oldest first, and one of them with its evidence."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Person, Role
from accounts.selectors import roles_of
from attest.errors import MoveRefused, NotYours
from trips.caller import Asking, caller_of
from trips.cost_papers import told_with_papers
from trips.models import State, Trip
from trips.move_words import of_move
from trips.opening import note
from trips.paging import OLDEST_FIRST, page_of
from trips.paper_findings import remarks_on
from trips.selectors import approvals_pending, just_approved_by, open_corrections, trips_approved_by
from trips.selectors_files import papers_of, photos_of
from trips.services.confirm import confirm
from trips.services.decide_correction import decide_correction
from trips.services.order import order
from trips.services.return_request import return_request
from trips.services.send_back import send_back
from trips.services.take_back import take_back
from trips.showing import ShownTrip, shown_trip, with_all, with_story
from trips.timeline import story_of
from trips.web.forms import AnswerForm, ApprovedForm, GiveBackForm, ReasonForm, TogetherForm

# How long the page offers to take a press back, and how many at once.
UNDO, MOST = timedelta(seconds=10), 25
# Which step a press would be; none where only a correction waits for its answer.
STEPS = {State.REQUESTED: 1, State.APPROVED: 2, State.TRAVELLING: 2, State.RETURNED: 2}


def approver_of_page(request: Asking) -> Person:
    person = caller_of(request)
    if Role.APPROVER not in roles_of(person, at=timezone.now()):
        raise PermissionDenied
    return person


@require_http_methods(["GET", "POST"])
@login_required
def approvals(request: HttpRequest) -> HttpResponse:
    """What was asked of this person. Own trips are not among them.

    A press approves what was ticked: only what needs no look of its own can be.
    """
    person, now = approver_of_page(request), timezone.now()
    after = request.GET.get("after", "")
    pending = with_all(approvals_pending(person, at=now)).prefetch_related("corrections")
    page = page_of(pending, after=after, order=OLDEST_FIRST)
    rows = [shown_trip(trip) for trip in page.rows]
    if request.method == "POST":
        return _together(request, rows, person=person, now=now)
    context = {
        "rows": [
            (shown, STEPS.get(State(shown.trip.state), 0), bool(open_corrections(shown.trip)))
            for shown in rows
        ],
        "together": sum(shown.plain for shown in rows) > 1,
        "undo": just_approved_by(person, since=now - UNDO)[:MOST],
        "next_url": f"?after={page.next}" if page.next else "",
        "previous_url": reverse("trips:approvals") if after else "",
    }
    return render(request, "trips/approvals.html", context)


def _together(
    request: HttpRequest, rows: list[ShownTrip], *, person: Person, now: datetime
) -> HttpResponse:
    offered = {shown.trip.uid: shown.trip for shown in rows if shown.plain}
    form = TogetherForm(request.POST, offered=list(offered))
    if not form.is_valid():
        messages.error(request, _("Please tick trips of this list. Some may have changed."))
        return redirect("trips:approvals")
    chosen = [offered[uid] for uid in form.cleaned_data["trip"]]
    done = sum(_confirmed(trip, person=person, now=now) for trip in chosen)
    said = _("Approved for payment: %(count)s trips.")
    messages.success(request, said % {"count": done})
    if done < len(chosen):
        messages.error(request, _("Some had changed meanwhile and still stand here."))
    return redirect("trips:approvals")


def _confirmed(trip: Trip, *, person: Person, now: datetime) -> bool:
    """Whether it was; false where somebody was quicker. The others are approved all the same."""
    try:
        confirm(trip, approver=person, now=now)
    except (MoveRefused, NotYours):
        return False
    return True


@require_POST
@login_required
def undo(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take one's own press back, while that is still possible."""
    person, now = approver_of_page(request), timezone.now()
    trip = get_object_or_404(trips_approved_by(person, at=now), uid=uid)
    take_back(trip, approver=person, now=now)
    messages.success(request, _("Taken back. That, too, stands in the record."))
    return redirect("trips:approvals")


@require_http_methods(["GET", "POST"])
@login_required
def approval(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One trip with all it showed. That it was looked at is in the traveller's diary."""
    person, now = approver_of_page(request), timezone.now()
    trip = get_object_or_404(with_story(trips_approved_by(person, at=now)), uid=uid)
    declines = request.POST.get("decision") == "declined"
    reason = ReasonForm(request.POST if declines else None)
    form = GiveBackForm(request.POST if "return" in request.POST else None)
    shown = shown_trip(trip)
    if "correction" in request.POST and _answered(request, trip, person, reason):
        return redirect("trips:approval", uid)
    unread = "approve" in request.POST and shown.to_be_read and "read" not in request.POST
    outdated: dict[str, str] = {}
    try:
        if request.method == "POST" and not unread and _decided(request, trip, person, form):
            return redirect("trips:approvals")
    except MoveRefused as refused:
        if not (outdated := of_move(refused)):
            raise
        trip = get_object_or_404(with_story(trips_approved_by(person, at=now)), uid=uid)
        shown = shown_trip(trip)
    statements = note(person, trip, at=now, source=request.META.get("REMOTE_ADDR", ""))
    story = story_of(trip, statements=statements)
    context = {
        "shown": shown,
        "story": story,
        "photos": photos_of(trip),
        "remarks": remarks_on(trip, papers_of(trip)),
        "told": told_with_papers(trip, trip.papers.all()),
        "step": STEPS.get(State(trip.state), 0),
        "confirmed": trip.state == State.CONFIRMED,
        "too_early": trip.state in {State.APPROVED, State.TRAVELLING} and now < trip.ends_at,
        "corrections": open_corrections(trip),
        "read": [moment for moment in story if moment.reasons],
        "unread": unread,
        "outdated": outdated,
        "form": form,
    }
    wrong = form.is_bound or reason.is_bound or unread
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    if outdated:
        status = HTTPStatus.CONFLICT
    return render(request, "trips/approval.html", context, status=status)


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


def _decided(request: HttpRequest, trip: Trip, person: Person, form: GiveBackForm) -> bool:
    """Whether a decision was made; false asks for the reason again."""
    now = timezone.now()
    if "approve" in request.POST:
        if trip.state == State.REQUESTED:
            order(trip, approver=person, now=now)
            messages.success(request, _("The trip is ordered."))
        else:
            said = ApprovedForm(request.POST)
            confirm(trip, approver=person, now=now, standing=said.shown)
            messages.success(request, _("The trip is approved for payment."))
        return True
    if "return" not in request.POST or not form.is_valid():
        return False
    reason = form.said
    if trip.state == State.CONFIRMED:
        send_back(trip, actor=person, reason=reason, now=now)
    else:
        return_request(trip, approver=person, reason=reason, now=now)
    messages.success(request, _("It is given back with your reason."))
    return True
