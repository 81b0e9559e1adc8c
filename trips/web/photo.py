"""A photo on the spot, taken by the camera of the page and never from the gallery."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.consents import PHOTO, POSITION, VERSIONS
from accounts.passkeys import b64
from accounts.selectors import consent_of, live_passkeys_of
from trips.caller import caller_of
from trips.models import MOVES, Kind
from trips.selectors import standing
from trips.showing import shown_trip
from trips.web.trips import own


@require_GET
@login_required
def photo(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Without script there is no camera: the other ways are a link away."""
    trip, person = own(request, uid), caller_of(request)
    said = {name: consent_of(person, name) for name in (PHOTO, POSITION)}
    keys = [b64(bytes(row.credential_id)) for row in live_passkeys_of(person) if row.credential_id]
    context = {
        "shown": shown_trip(trip),
        "kind": Kind.STOP if standing(trip) else Kind.ARRIVE,
        "consent": {name: row.answer if row else "" for name, row in said.items()},
        "version": VERSIONS[PHOTO],
        "credentials": " ".join(keys),
        "open": trip.state in MOVES["arrive"],
    }
    return render(request, "trips/photo.html", context)
