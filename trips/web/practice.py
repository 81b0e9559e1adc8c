"""``/practice/``: a touch that is never one. It stays in the browser; nothing of it is kept."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.consents import POSITION
from accounts.models import Consent
from accounts.selectors import consent_of
from trips.caller import caller_of
from trips.plain_qr import plain_svg


@login_required
@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """Without script the press only leads to its end: there is nothing to measure."""
    said = consent_of(caller_of(request), POSITION)
    located = said is not None and said.answer == Consent.Answer.GIVEN
    done = "done" in request.GET
    drawn = plain_svg(_("PRACTICE, no receipt")) if done else ""
    context = {
        "located": located,
        "done": done,
        "code": mark_safe(drawn),  # noqa: S308 -- path commands of our own drawing
    }
    return render(request, "trips/practice.html", context)
