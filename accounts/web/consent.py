"""``/consent/``: one purpose, one text, two buttons of one size."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.consents import POSITION, VERSIONS, withdrawn
from accounts.models import Consent
from accounts.selectors import consent_of
from accounts.services.answer_consent import answer_consent
from accounts.web.door import onward_from
from accounts.web.rights import caller_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    purpose = request.POST.get("purpose") or request.GET.get("purpose") or POSITION
    if purpose not in VERSIONS:
        raise Http404
    if request.method == "POST":
        return _answer(request, purpose)
    here = {
        "purpose": purpose,
        "version": VERSIONS[purpose],
        "text": f"accounts/consents/{purpose}.html",
        "newest": consent_of(caller_of(request), purpose),
        "onward": onward_from(request),
    }
    return render(request, "accounts/consent.html", here)


def _answer(request: HttpRequest, purpose: str) -> HttpResponse:
    answer = request.POST.get("answer", "")
    version = request.POST.get("version", "")
    if answer not in Consent.Answer.values or len(version) > 20:
        raise Http404
    person, now = caller_of(request), timezone.now()
    answer_consent(person, purpose=purpose, version=version, answer=answer, now=now)
    if answer == Consent.Answer.WITHDRAWN:
        withdrawn.send(Consent, person=person, purpose=purpose, now=now)
    messages.success(request, _("Your answer is kept."))
    return redirect(onward_from(request))
