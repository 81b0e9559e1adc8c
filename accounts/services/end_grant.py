"""A role ends, now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Grant, Person, Post
from accounts.posting import post
from accounts.roles import finish


@transaction.atomic
def end_grant(grant: Grant, *, by: Person | None, now: datetime) -> Grant:
    """End *grant*. One that ended before stays as it ended."""
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("person", "scope")
        .get(pk=grant.pk)
    )
    if grant.until and grant.until <= now:
        return grant
    post(grant.person, kind=Post.Kind.ACCOUNT, dedupe=f"ended:{grant.uid}", now=now)
    return finish(grant, by=by, now=now)
