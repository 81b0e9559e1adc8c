"""Duties that go with no passkey that travels through a cloud account (security.md §2).

A demonstration takes them all, or few laptops could try it.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Q

from accounts.models import Device, Grant, Person, Role
from attest.errors import KeyNotBound

POWERFUL = frozenset({Role.CLERK, Role.AUDITOR, Role.ADMINISTRATOR})
_SIGNING = (Device.State.LIVE, Device.State.WAITING)


def refuse_synced(person: Person, *, now: datetime) -> None:
    """No synced passkey for who has such a duty, or will have it."""
    if settings.DEMO:
        return
    grants = Grant.objects.filter(Q(until=None) | Q(until__gt=now), person=person)
    if grants.filter(role__in=POWERFUL).exists():
        raise KeyNotBound("this duty goes with a bound passkey")


def refuse_powerful(person: Person, *, role: str) -> None:
    """No such duty for who still signs with a synced passkey."""
    if settings.DEMO or role not in POWERFUL:
        return
    if Device.objects.filter(person=person, synced=True, state__in=_SIGNING).exists():
        raise KeyNotBound("this duty goes with a bound passkey")
