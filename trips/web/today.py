"""Today: the trip that is meant, and one large place to touch."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.consents import POSITION, VERSIONS
from accounts.limits import spend
from accounts.models import Consent, Device, Person, Role
from accounts.passkeys import b64
from accounts.selectors import consent_of, devices_of, may_travel, roles_of
from trips.along import along
from trips.caller import caller_of
from trips.limits import TOUCH
from trips.models import CheckIn, Kind, Trip
from trips.selectors import standing, todays_trips, trips_travelled_by
from trips.services.touch_by_form import touch_by_form
from trips.showing import next_kind, shown_trip, with_all
from trips.web.forms import PressForm
from trips.witness_ways import site_equipped
from vault.ids import uuid7

# What the page is made of, and no more: it is the one that opens on the poorest line.
ELEMENTS = (
    "js/elements/check-in.js",
    "js/elements/install-card.js",
    "js/elements/keep-offline.js",
    "js/elements/waiting-pill.js",
)
ROOMS = (
    (Role.CLERK, "settlement:scan"),
    (Role.AUDITOR, "audit:trips"),
    (Role.ADMINISTRATOR, "accounts:people"),
    (Role.APPROVER, "trips:approvals"),
)


@require_GET
@login_required
def today(request: HttpRequest) -> HttpResponse:
    """The traveller's first page; who does not travel is led to the room of their duty."""
    person, now = caller_of(request), timezone.now()
    if not may_travel(person, at=now):
        return _room(person, now)
    trips = todays_trips(person, at=now)
    trip = _chosen(person, trips, request.GET.get("trip", ""))
    kind = next_kind(trip) if trip else Kind.ARRIVE
    shown = shown_trip(trip) if trip else None
    touch = _touch(person, trip, now)
    context = {
        "shown": shown,
        "others": [other for other in trips if trip is None or other.pk != trip.pk],
        "kind": kind,
        "unordered": trip is None,
        "located": touch["consent"] in {"", "given"},
        "stop_too": kind == Kind.RETURN,
        "steps": _steps(trip) if trip else None,
        "elements": ELEMENTS,
        "touch": touch,
        "along": along(person, trips, touch, shown=shown),
        "missed": _missed(trips, now),
        "site": trip is not None and kind != Kind.RETURN and site_equipped(trip),
    }
    return render(request, "trips/today.html", context)


def _room(person: Person, now: datetime) -> HttpResponse:
    roles = roles_of(person, at=now)
    for role, page in ROOMS:
        if role in roles:
            return redirect(page)
    return redirect("accounts:me")


def _chosen(person: Person, near: list[Trip], uid: str) -> Trip | None:
    """The trip of the address, else the nearest; none stays none ("without an order")."""
    if uid == "none":
        return None
    if not uid:
        return near[0] if near else None
    if named := next((trip for trip in near if str(trip.uid) == uid), None):
        return named
    mine = trips_travelled_by(person).filter(standing__isnull=True)
    return get_object_or_404(with_all(mine), uid=_uuid(uid))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Http404 from wrong


def _steps(trip: Trip) -> dict[str, bool]:
    kinds = {touch.kind for touch in standing(trip)}
    return {
        "ordered": trip.approved_at is not None,
        "arrived": bool(kinds - {Kind.RETURN}),
        "returned": Kind.RETURN in kinds,
    }


def _touch(person: Person, trip: Trip | None, now: datetime) -> dict[str, Any]:
    """What the element needs to know: who, for which trip, with which passkeys."""
    consent = consent_of(person, POSITION)
    # A pause holds whatever the text says by now; any other answer was to its own text.
    paused = consent is not None and consent.answer == Consent.Answer.PAUSED
    if consent and not paused and consent.text_version != VERSIONS[POSITION]:
        consent = None
    last = standing(trip)[-1:] if trip else []
    return {
        "id": uuid7(),
        "now": now,
        "consent": consent.answer if consent else "",
        "consent_text": VERSIONS[POSITION],
        "credentials": " ".join(_credentials(person)),
        "last_kind": last[0].kind if last else "",
        "last_s": int((now - last[0].recorded_at).total_seconds()) if last else 0,
    }


def _credentials(person: Person) -> list[str]:
    live = devices_of(person).filter(kind=Device.Kind.PASSKEY, state=Device.State.LIVE)
    return [b64(bytes(row.credential_id)) for row in live if row.credential_id]


def _missed(trips: list[Trip], now: datetime) -> Trip | None:
    """A trip that is over and has an arrival but no return: it can be told afterwards."""
    for trip in trips:
        if trip.ends_at < now and next_kind(trip) == Kind.RETURN:
            return trip
    return None


@require_POST
@login_required
def touch(request: HttpRequest) -> HttpResponse:
    """The touch of a page without script: kept like any other, only without a position."""
    person, now = caller_of(request), timezone.now()
    spend(person, TOUCH, now=now)
    form = PressForm(request.POST)
    if not form.is_valid():
        raise BadRequest("not the form of this page")
    said = form.cleaned_data
    trip = None
    if said["trip"]:
        trip = get_object_or_404(trips_travelled_by(person), uid=said["trip"])
    elif not may_travel(person, at=now):
        raise PermissionDenied
    kept, _new = touch_by_form(person, id=said["id"], trip=trip, kind=said["kind"], now=now)
    return redirect(receipt_address(kept))


def receipt_address(kept: CheckIn) -> str:
    address = reverse("trips:receipt", args=[kept.trip.uid])
    return f"{address}?touch={kept.uid}"
