"""An approver puts their decisions into a colleague's hands, for some days."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.leaves import delegation_changed
from accounts.models import Delegation, Person, Post
from accounts.posting import post
from accounts.selectors import may_stand_in
from attest.errors import DutiesClash
from ledger.services.append import append

LONGEST = timedelta(days=92)
# More than anybody's holidays; it bounds the graph that every decision walks.
MOST = 10


@transaction.atomic
def delegate(
    person: Person, *, to: Person, since: datetime, until: datetime, now: datetime
) -> Delegation:
    """*to* is an approver of the same office, and no auditor. It ends by itself."""
    Person.objects.select_for_update().get(pk=person.pk)
    if not may_stand_in(to, person, at=now):
        raise DutiesClash("only another approver of this office can stand in")
    if until <= max(now, since) or until - since > LONGEST:
        raise DutiesClash("a delegation lasts from a day to a day, a quarter at the longest")
    if Delegation.objects.filter(person=person, until__gt=now, ended_at=None).count() >= MOST:
        raise DutiesClash("too many delegations at once")
    row = Delegation.objects.create(person=person, to=to, since=since, until=until, made_at=now)
    append(event=delegation_changed(row, name="delegated"), at=now, subject=person.ref)
    post(to, kind=Post.Kind.DELEGATED, dedupe=f"delegated:{row.uid}", now=now)
    return row
