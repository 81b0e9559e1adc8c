"""Sessions are over wherever they were left open: on a lost phone, at somebody else's desk."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.models import PushAddress, SignIn


@transaction.atomic
def end_sessions(rows: Iterable[SignIn]) -> int:
    """How many were open. Whoever holds such a browser is not told of news on it either."""
    ended = list(rows)
    for row in ended:
        PushAddress.objects.filter(person=row.person_id, browser=bytes(row.browser)).delete()
    # The rows go with their sessions.
    Session.objects.filter(pk__in=[row.session_id for row in ended]).delete()
    return len(ended)
