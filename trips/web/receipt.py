"""The receipt of a touch: its QR, its number, and what it showed."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Person
from accounts.selectors import may_settle_at_all, organisation_names
from trips import qr
from trips.caller import caller_of
from trips.hosting import witnessable
from trips.models import CheckIn, Verdict
from trips.presenting import presents
from trips.receipt import receipt_of
from trips.selectors import newest_assessment, standing, trips_travelled_by
from trips.services.withdraw import withdraw
from trips.showing import TONES, own_touches, shown_trip, undo_open, with_all


@require_GET
@login_required
def receipt(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The newest touch of the trip, or the one of the address; arrows lead to the others."""
    person, now = caller_of(request), timezone.now()
    trip = get_object_or_404(with_all(trips_travelled_by(person)), uid=uid)
    touches = standing(trip)
    if not touches:
        return redirect("trips:trip", uid)
    index = _index(touches, request.GET.get("touch", ""))
    touch = touches[index]
    assessed = newest_assessment(touch)
    verdict = Verdict(assessed.verdict)
    context = {
        "shown": shown_trip(trip),
        "touch": touch,
        "code": _code(touch, person) if verdict != Verdict.INVALID and not touch.erased else "",
        "verdict": verdict,
        "tone": TONES[verdict],
        "reasons": assessed.reasons,
        "missing": assessed.missing,
        "number": index + 1,
        "count": len(touches),
        "earlier": touches[index - 1] if index else None,
        "later": touches[index + 1] if index + 1 < len(touches) else None,
        "undo": undo_open(touch, at=now),
        "witnessable": witnessable(touch),
        "presents": presents(person.organisation),
    }
    return render(request, "trips/receipt.html", context)


def _index(touches: list[CheckIn], uid: str) -> int:
    named = [number for number, touch in enumerate(touches) if str(touch.uid) == uid]
    return named[0] if named else len(touches) - 1


def _code(touch: CheckIn, reader: Person) -> str:
    drawn = qr.svg(receipt_of(touch, reader=reader).text)
    return mark_safe(drawn)  # noqa: S308 -- digits and path commands of our own drawing


@require_POST
@login_required
def take_back(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The undo of a page without script."""
    person = caller_of(request)
    touch = get_object_or_404(own_touches(person), uid=uid)
    withdraw(touch, person=person, now=timezone.now())
    return redirect("trips:trip", touch.trip.uid)


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Where a scanned QR leads. The digits stay behind the ``#`` and never reach us."""
    person = request.user if isinstance(request.user, Person) else None
    clerk = person is not None and may_settle_at_all(person, at=timezone.now())
    context = {"clerk": clerk, "signed_in": person, "organisations": organisation_names()}
    answer = render(request, "trips/landing.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
