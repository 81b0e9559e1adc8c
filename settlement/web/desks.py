"""``/manage/desks/``: whether this office's desks may hold opening keys, and which do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.step_up import Answer, encoded
from settlement.asking import person_of
from settlement.lending import CHOICE, KEEP, LEND, choice_hash, lends
from settlement.selectors import leases_administered_by
from settlement.services.choose_lending import choose_lending
from settlement.web.rights import administrator_only

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
def desks(request: HttpRequest) -> HttpResponse:
    caller, now = person_of(request), timezone.now()
    office = caller.organisation
    choice = KEEP if lends(office) else LEND
    if request.method == "POST":
        # The other one than stands now: a page that is old asks for what is there already.
        signed = Answer.read(request.POST.get("step_up", ""))
        choose_lending(caller, choice=choice, signed=signed, now=now)
        messages.success(request, _("Changed."))
        return redirect("settlement:desks")
    here = {
        "lends": lends(office),
        "action": CHOICE,
        "batch_hash": encoded(choice_hash(office, choice)),
        "leases": leases_administered_by(caller, at=now)[:SHOWN],
        "now": now,
    }
    return render(request, "settlement/desks.html", here)
