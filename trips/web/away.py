"""Pages a browser keeps for the time without a line. They name nobody; the phone fills them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Person
from trips.caller import caller_of


@require_GET
@login_required
def offline(request: HttpRequest) -> HttpResponse:
    """Today's page, without a trip and without a name."""
    return render(request, "trips/offline.html", {"ui": frame_of(caller_of(request))})


@require_GET
@login_required
def outbox_offline(request: HttpRequest) -> HttpResponse:
    return render(request, "trips/outbox.html", {"ui": frame_of(caller_of(request))})


@require_GET
@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """What waits on this phone. The server does not know: the page reads it there."""
    return render(request, "trips/outbox.html", {"owner": caller_of(request).uid})


@require_GET
@login_required
def promises(request: HttpRequest) -> HttpResponse:
    """What the log has promised this phone: it holds them, and asks for the proofs itself."""
    return render(request, "trips/promises.html", {"owner": caller_of(request).uid})


@require_GET
@login_required
def removal(request: HttpRequest) -> HttpResponse:
    """Before a waiting touch is thrown away: what is lost, and a word to type."""
    return render(request, "trips/outbox_removal.html", {"owner": caller_of(request).uid})


def frame_of(person: Person) -> dict[str, Any]:
    """How they like their pages, and nothing else of them."""
    return {
        "demo": settings.DEMO,
        "theme": person.theme,
        "text_size": person.text_size,
        "layout": "phone",
        "organisation": person.organisation.name,
        "rooms": [],
        "nav": [],
        "person": None,
        "away": True,
    }
