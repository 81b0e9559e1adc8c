"""An administrator gives somebody a role, from a moment to a moment."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Department, Grant, Person, Post, Role
from accounts.posting import post
from accounts.roles import begin


@transaction.atomic
def grant_role(
    person: Person,
    *,
    role: Role,
    by: Person | None,
    since: datetime,
    now: datetime,
    until: datetime | None = None,
    scope: Department | None = None,
) -> Grant:
    """Grant *role*, or refuse what nobody may hold together. *by* is none at the command line.

    An auditor's grant ends after ninety days at the latest.
    """
    # Lock the person: two grants that clash pass here one after the other.
    Person.objects.select_for_update().get(pk=person.pk)
    grant = begin(person, role=role, by=by, since=since, until=until, scope=scope, now=now)
    post(person, kind=Post.Kind.ACCOUNT, dedupe=f"granted:{grant.uid}", now=now)
    return grant
