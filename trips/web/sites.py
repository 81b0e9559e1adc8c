"""``/manage/sites/``: screens, printed codes and tags of a place; and the screen itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from attest.errors import SiteCodeRefused
from trips.caller import administrator_of
from trips.models import Site
from trips.services.change_display import change_display
from trips.services.change_printed import change_printed
from trips.services.make_site import make_site
from trips.services.mark_place import mark_place
from trips.services.register_tag import register_tag
from trips.services.revoke_tag import revoke_tag
from trips.sites import sites_administered_by
from trips.web.forms_places import SiteForm, TagForm
from trips.witness_words import of_site_code

SHOWN = 200


@require_GET
def display(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A screen at the place. It knows nothing before its token fetched it."""
    answer = render(request, "trips/sites/display.html", {"uid": uid})
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def sites(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    person = administrator_of(request, at=now)
    form = SiteForm(request.POST or None, person=person)
    if form.is_valid():
        made = make_site(by=person, now=now, **form.cleaned_data)
        return redirect("trips:site", made.uid)
    context = {"form": form, "sites": sites_administered_by(person, at=now)[:SHOWN]}
    return render(request, "trips/sites/sites.html", context, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
def site(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One site. What is made here is told once, in the answer to the deed."""
    now = timezone.now()
    person = administrator_of(request, at=now)
    row = get_object_or_404(sites_administered_by(person, at=now), uid=uid)
    said: dict[str, Any] = {}
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise BadRequest("not a deed of this page")
        said = act(request, row, by=person, now=now)
        row = get_object_or_404(sites_administered_by(person, at=now), uid=uid)
    context = {"site": row, "form": said.get("form", TagForm()), **said}
    status = 400 if "form" in said else 200
    return render(request, "trips/sites/site.html", context, status=status)


def _display_new(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    token = change_display(row, to="new", **said)
    here = request.build_absolute_uri(reverse("trips:display", args=[row.uid]))
    return {"display_url": f"{here}#{token}"}


def _display_revoked(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    change_display(row, to="revoked", **said)
    messages.success(request, _("No screen shows the code of this site any more."))
    return {}


def _printed_new(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    del request
    return {"printed": change_printed(row, to="new", **said)}


def _printed_revoked(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    change_printed(row, to="revoked", **said)
    messages.success(request, _("Printed codes of this site count no more."))
    return {}


def _witness(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    mark_place(row.place, to="witness", **said)
    messages.success(request, _("Trips to this place need a witness from now on."))
    return {}


def _plain(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    mark_place(row.place, to="plain", **said)
    messages.success(request, _("Trips to this place need no witness from now on."))
    return {}


def _tag(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    form = TagForm(request.POST)
    if not form.is_valid():
        return {"form": form}
    try:
        register_tag(row, **form.cleaned_data, **said)
    except SiteCodeRefused as refused:
        form.add_error("batch", of_site_code(refused)["detail"])
        return {"form": form}
    messages.success(request, _("The tag is registered."))
    return {}


def _tag_revoked(request: HttpRequest, row: Site, **said: Any) -> dict[str, Any]:
    try:
        number = UUID(request.POST.get("tag", ""))
    except ValueError as wrong:
        raise BadRequest("not a tag of this page") from wrong
    revoke_tag(get_object_or_404(row.tags, uid=number), **said)
    messages.success(request, _("The tag counts no more."))
    return {}


_ACTS: dict[str, Callable[..., dict[str, Any]]] = {
    "witness": _witness,
    "plain": _plain,
    "display-new": _display_new,
    "display-revoked": _display_revoked,
    "printed-new": _printed_new,
    "printed-revoked": _printed_revoked,
    "tag": _tag,
    "tag-revoked": _tag_revoked,
}
