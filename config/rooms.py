"""What stands round every page: whose it is, which rooms they have, where they are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.selectors import posts_unread, roles_of
from trips.selectors import approvals_waiting

DESK = {
    "clerk": (
        _("Payment desk"),
        [
            (_("Station"), "settlement:scan", "scan"),
            (_("Months"), "settlement:months", "months"),
            (_("Exceptions"), "settlement:exceptions", "exceptions"),
            (_("Batches"), "settlement:batches", "batch"),
            (_("Clawbacks"), "settlement:clawbacks", "money"),
        ],
    ),
    "auditor": (
        _("Audit"),
        [
            (_("Trips"), "audit:trips", "trips"),
            (_("Office traces"), "audit:office-records", "import"),
            (_("Hosts"), "audit:hosts", "person"),
            (_("Exports"), "audit:exports", "export"),
            (_("Access review"), "audit:reviews", "diary"),
            (_("Kept back"), "audit:holds", "lock"),
            (_("Independent witness"), "audit:anchors", "audit"),
        ],
    ),
    "administrator": (
        _("Administration"),
        [
            (_("People"), "accounts:people", "people"),
            (_("Devices"), "trips:devices", "device"),
            (_("Imports"), "accounts:imports", "import"),
            (_("Desks"), "settlement:desks", "keys"),
            (_("Sites"), "trips:sites", "scan"),
            (_("Presentation codes"), "trips:presentation", "expand"),
            (_("Rules of expenses"), "settlement:rules", "money"),
            (_("Weights of evidence"), "trips:weights", "calculator"),
            (_("Objections"), "accounts:objections", "diary"),
        ],
    ),
}
PHONE = [
    (_("Today"), "trips:today", "today"),
    (_("My trips"), "trips:trips", "trips"),
    (_("Access diary"), "accounts:diary", "diary"),
    (_("All"), "accounts:me", "menu"),
]
APPROVALS = (_("Approvals"), "trips:approvals", "approvals")


def ui(request: HttpRequest) -> dict[str, Any]:
    """``ui`` for every template. A page of nobody has only the frame."""
    person = getattr(request, "user", None)
    frame: dict[str, Any] = {"demo": settings.DEMO, "theme": "", "text_size": 1, "layout": "phone"}
    if person is None or not person.is_authenticated:
        return {"ui": frame | {"rooms": [], "nav": [], "organisation": "", "person": None}}
    roles = roles_of(person, at=timezone.now())
    room = next((r for r in DESK if request.path.startswith(_prefix(r)) and r in roles), None)
    frame |= {
        "theme": person.theme,
        "text_size": person.text_size,
        "organisation": person.organisation.name,
        "person": person,
        "unread": posts_unread(person),
        "layout": "desk" if room else "phone",
        "rooms": _rooms(roles, room),
        "nav": _desk(request, room) if room else _phone(request, person, roles),
    }
    return {"ui": frame}


def _prefix(room: str) -> str:
    return {"clerk": "/settlement/", "auditor": "/audit/", "administrator": "/manage/"}[room]


def _rooms(roles: set[str], current: str | None) -> list[dict[str, Any]]:
    rooms = [{"key": "own", "label": _("My trips"), "url": "/", "current": current is None}]
    for key, (label, pages) in DESK.items():
        if key in roles:
            url = reverse(pages[0][1])
            rooms.append({"key": key, "label": label, "url": url, "current": key == current})
    return rooms


def _desk(request: HttpRequest, room: str) -> list[dict[str, Any]]:
    return [_entry(request, *page) for page in DESK[room][1]]


def _phone(request: HttpRequest, person: Any, roles: set[str]) -> list[dict[str, Any]]:
    pages = [_entry(request, *page) for page in PHONE]
    if "approver" in roles:
        # The diary moves under "All": four is as many as a thumb can tell apart.
        waiting = approvals_waiting(person, at=timezone.now())
        pages[2] = _entry(request, *APPROVALS) | {"count": waiting}
    return _nearest_here(pages)


def _nearest_here(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A page below two entries is under the longer address alone: one place, one mark."""
    here = [page["url"] for page in pages if page["current"]]
    nearest = max(here, key=len, default=None)
    return [page | {"current": page["url"] == nearest} for page in pages]


def _entry(request: HttpRequest, label: Any, name: str, icon: str) -> dict[str, Any]:
    url = reverse(name)
    here = request.path == url or (url != "/" and request.path.startswith(url))
    return {"label": label, "url": url, "icon": icon, "current": here, "count": 0}
