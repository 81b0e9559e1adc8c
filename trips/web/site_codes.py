"""A code of the place: read with the camera, typed, or brought by a tag."""

from __future__ import annotations

from uuid import UUID

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.limits import spend
from accounts.models import Person
from attest.errors import SiteCodeRefused
from trips.caller import caller_of
from trips.limits import SITE_CODE
from trips.selectors import todays_trips
from trips.services.add_site_code import add_site_code
from trips.showing import shown_trip
from trips.web.forms_places import SiteCodeForm
from trips.web.trips import own
from trips.witness_ways import witnessed
from trips.witness_words import of_site_code


# The reader is WebAssembly: of the traveller's pages this one alone may compile it.
@csp_update({"script-src": "'wasm-unsafe-eval'"})  # type: ignore[arg-type]  # its types know no address with an id
@require_http_methods(["GET", "POST"])
@login_required
def site_code(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Before the touch the code is held for it; afterwards it is added to the touch."""
    person, now, row = caller_of(request), timezone.now(), own(request, uid)
    touch = witnessed(row)
    form = SiteCodeForm(request.POST or None)
    if form.is_valid() and touch:
        spend(person, SITE_CODE, now=now)
        try:
            add_site_code(touch, person=person, text=form.cleaned_data["text"], now=now)
        except SiteCodeRefused as refused:
            form.add_error("text", of_site_code(refused)["detail"])
        else:
            messages.success(request, _("The code is added to your record."))
            return redirect("trips:trip", uid)
    elif form.is_bound and form.is_valid():
        form.add_error("text", _("Please check in first; then read the code."))
    context = {"shown": shown_trip(row), "form": form, "touch": touch}
    status = 409 if form.is_bound else 200
    return render(request, "trips/site_code.html", context, status=status)


@require_GET
def tag(request: HttpRequest) -> HttpResponse:
    """Where a tag leads. What it said stays behind the ``#`` until its reader sends it."""
    person = request.user if isinstance(request.user, Person) else None
    near = todays_trips(person, at=timezone.now())[:1] if person else []
    context = {
        "signed_in": person,
        "next": reverse("trips:today"),
        "trip": near[0] if near else None,
        "touch": witnessed(near[0]) if near else None,
    }
    answer = render(request, "trips/tag.html", context)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
