"""``/enrol/``: a passkey is offered, and "later" is as good an answer."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.selectors import live_passkeys_of
from accounts.web.door import onward_from
from accounts.web.rights import caller_of


@login_required
@require_safe
def enrol(request: HttpRequest) -> HttpResponse:
    here = {"onward": onward_from(request), "devices": live_passkeys_of(caller_of(request))}
    return render(request, "accounts/enrol.html", here)
