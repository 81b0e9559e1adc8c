"""Asking a host, the host's own page, and answering for a colleague."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from trips.caller import caller_of
from trips.hosts import asks_of, first_beside, touches_beside
from trips.models import HostAsk
from trips.services.answer_for_colleague import answer_for_colleague
from trips.showing import shown_trip
from trips.web.trips import own
from trips.witness_ways import witnessed


@require_GET
@login_required
def host_ask(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The code to show, the link to send, and what was answered so far."""
    row = own(request, uid)
    touch = witnessed(row)
    if touch is None:
        messages.info(request, _("Please check in first."))
        return redirect("trips:add", uid)
    answered = [(ask, _words(ask)) for ask in asks_of(touch).exclude(answer="")[:20]]
    context = {"shown": shown_trip(row), "touch": touch, "answered": answered}
    context["mail"] = bool(settings.EMAIL_HOST)
    return render(request, "trips/host_ask.html", context)


def _words(ask: HostAsk) -> str:
    box = ask.box()
    return box.open().decode() if box else ""


@require_GET
def host(request: HttpRequest) -> HttpResponse:
    """Where a host's camera or mail leads. The ticket stays behind the ``#``."""
    answer = render(request, "trips/host.html")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def colleagues(request: HttpRequest) -> HttpResponse:
    """Arrivals of those one travelled with, to say that they were there."""
    person, now = caller_of(request), timezone.now()
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in HostAsk.Answer.values:
            raise BadRequest("not an answer of this page")
        try:
            number = UUID(request.POST.get("touch", ""))
        except ValueError as wrong:
            raise BadRequest("not a touch of this page") from wrong
        touch = get_object_or_404(touches_beside(person, at=now), uid=number)
        answer_for_colleague(touch, colleague=person, answer=answer, now=now)
        messages.success(request, _("Your answer is kept."))
        return redirect("trips:colleagues")
    context = {"touches": first_beside(person, at=now)}
    return render(request, "trips/colleagues.html", context)
