"""Is the process alive; can it do its work. Each fault turns its own line."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from accounts.services.check_posts import check_posts
from attest.errors import KeysAway, LogInconsistent
from ledger.services.check_guards import check_guards
from ledger.services.check_log import check_log
from ledger.services.check_papers import check_papers
from ledger.services.check_promises import check_promises
from ledger.services.check_rotation import check_rotation
from ledger.services.check_sealing import check_sealing
from ledger.services.unsaid_papers import unsaid_papers


def livez(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    del request
    lines = {"database": _database(), "keys": _keys(), "log": _log(), "letters": _letters()}
    # What is said beside an "ok" is for whoever reads, not for whoever sends requests here.
    ok = all(line.startswith("ok") for line in lines.values())
    return JsonResponse(lines, status=200 if ok else 503)


def _database() -> str:
    try:
        # A kept connection may be a dead one: only an answer shows that somebody is there.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "no connection"
    return "ok"


def _keys() -> str:
    try:
        now = timezone.now()
        return check_sealing(now=now) or check_rotation(now=now) or "ok"
    except (ImproperlyConfigured, KeysAway) as fault:
        return type(fault).__name__


def _log() -> str:
    try:
        if fault := check_log() or check_papers() or check_promises(now=timezone.now()):
            return fault
        gone = check_guards() or unsaid_papers()
        return f"ok ({gone})" if gone else "ok"
    except (DatabaseError, ImproperlyConfigured, LogInconsistent) as fault:
        return type(fault).__name__


def _letters() -> str:
    try:
        fault = check_posts(now=timezone.now())
    except DatabaseError as away:
        return type(away).__name__
    # A mail server that is away is no reason to turn people away from the touch.
    return f"ok ({fault})" if fault else "ok"
