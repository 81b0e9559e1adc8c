"""A sign-in, by the browser it came from: one that was never used before is told to its person."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.browsers import LIFE_DAYS
from accounts.models import KnownBrowser, Person, Post
from accounts.posting import post
from vault.ids import uuid7

_LIFE = timedelta(days=LIFE_DAYS)
# Of more the one that was away longest is forgotten, and told of again.
MOST = 30


@transaction.atomic
def note_browser(person: Person, *, browser: bytes, now: datetime) -> KnownBrowser:
    """The very first one of an account is told to nobody: there is none to compare it with."""
    # Lock the person: two sign-ins at once shall not both be the first.
    Person.objects.select_for_update().get(pk=person.pk)
    known = KnownBrowser.objects.filter(person=person)
    known.filter(last_at__lte=now - _LIFE).delete()
    every = list(known.order_by("-last_at", "-pk"))
    for row in every:
        if bytes(row.mark) == browser:
            row.last_at = now
            row.save(update_fields=["last_at"])
            return row
    known.filter(pk__in=[row.pk for row in every[MOST - 1 :]]).delete()
    made = KnownBrowser.objects.create(
        uid=uuid7(), person=person, mark=browser, first_at=now, last_at=now
    )
    if every:
        post(person, kind=Post.Kind.SIGNED_IN, dedupe=f"signed-in:{made.uid}", now=now)
    return made
