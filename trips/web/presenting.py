"""A receipt on show, with its traveller's name; and whether an office has such codes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from trips.caller import administrator_of, caller_of
from trips.presenting import OFF, ON, presentable, presents
from trips.services.choose_presenting import choose_presenting
from trips.showing import own_touches


@require_GET
@login_required
def present(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The page only asks for codes: it holds none, so it may lie open as long as anybody likes."""
    person = caller_of(request)
    touches = own_touches(person).select_related("trip__traveller__department")
    touch = get_object_or_404(touches.prefetch_related("trip__stops", "assessments"), uid=uid)
    if not presents(person.organisation) or not presentable(touch):
        raise Http404
    return render(request, "trips/present.html", {"touch": touch, "trip": touch.trip})


@require_http_methods(["GET", "POST"])
@login_required
def presentation(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    person = administrator_of(request, at=now)
    if request.method == "POST":
        choice = request.POST.get("choice", "")
        if choice not in {ON, OFF}:
            raise BadRequest("not a choice of this page")
        choose_presenting(person, choice=choice, now=now)
        messages.success(request, _("Changed."))
        return redirect("trips:presentation")
    return render(request, "trips/presentation.html", {"on": presents(person.organisation)})
