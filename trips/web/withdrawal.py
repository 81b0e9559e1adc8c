"""``/me/consents/withdrawal/``: what withdrawing would erase, and the one button that does it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.consents import POSITION, VERSIONS
from accounts.models import Consent
from accounts.services.answer_consent import answer_consent
from trips.caller import caller_of
from trips.models import CheckIn
from trips.withdrawing import positions_go, to_go


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal(request: HttpRequest) -> HttpResponse:
    """The answer stands first; if the erasure is stopped half way, the daily job goes on."""
    person, now = caller_of(request), timezone.now()
    if request.method == "POST":
        if request.POST.get("answer") != Consent.Answer.WITHDRAWN:
            raise BadRequest("not the form of this page")
        answer_consent(
            person,
            purpose=POSITION,
            version=VERSIONS[POSITION],
            answer=Consent.Answer.WITHDRAWN,
            now=now,
        )
        gone = positions_go(person, now=now)
        said = _("Your consent is withdrawn. Erased: %(count)d touches.") % {"count": gone}
        messages.success(request, said)
        return redirect("accounts:consents")
    trips = to_go(person)
    touches = CheckIn.objects.filter(trip__in=trips).exclude(best_fix=None).count()
    here = {"trips": len(trips), "touches": touches}
    return render(request, "trips/withdrawal.html", here)
