"""A role ends, now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Grant, Person
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
    return finish(grant, by=by, now=now)
