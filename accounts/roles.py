"""Which roles go together, and how a grant begins and ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.sessions.models import Session

from accounts.bound import refuse_powerful
from accounts.leaves import role_changed
from accounts.models import Department, Grant, Person, Role, SignIn
from attest.errors import DutiesClash
from ledger.services.append import append

# An auditor who is not appointed anew stops being one.
AUDITOR_DAYS = 90
GRANT = "grant-role"
END = "end-grant"

# Who pays is not who proves.
_APART = frozenset({Role.CLERK, Role.AUDITOR})


def grant_hash(person: Person, role: str) -> bytes:
    """What an administrator signs: this role, for this person."""
    return sha256(f"tripseal/grant/1\0{person.uid}\0{role}".encode()).digest()


def end_hash(grant: Grant) -> bytes:
    return sha256(f"tripseal/grant-end/1\0{grant.uid}".encode()).digest()


def clash(roles: Iterable[str]) -> bool:
    return set(roles) >= _APART


def begin(
    person: Person,
    *,
    role: Role,
    by: Person | None,
    since: datetime,
    until: datetime | None,
    now: datetime,
    scope: Department | None = None,
) -> Grant:
    """The row and its leaf. Call it with the person locked, in a transaction."""
    if by is not None and by.pk == person.pk:
        raise DutiesClash("nobody grants themselves")
    refuse_powerful(person, role=role)
    if role == Role.AUDITOR:
        longest = since + timedelta(days=AUDITOR_DAYS)
        until = min(until, longest) if until else longest
    if _overlapping(person, role, since, until):
        raise DutiesClash("finance clerk and auditor are two people")
    grant = Grant.objects.create(
        person=person, role=role, scope=scope, since=since, until=until, granted_by=by
    )
    append(event=role_changed(grant, name="granted", actor=by), at=now, subject=person.ref)
    if since <= now:
        _sign_out(person)
    return grant


def finish(grant: Grant, *, by: Person | None, now: datetime) -> Grant:
    """End it now; one that was still to come never begins."""
    if grant.since < now:
        _sign_out(grant.person)
    else:
        # A grant must have lasted to have ended: a moment stands for "never".
        grant.since = now - timedelta(microseconds=1)
    grant.until = now
    grant.save(update_fields=["since", "until"])
    append(
        event=role_changed(grant, name="ended", actor=by),
        at=now,
        subject=grant.person.ref,
    )
    return grant


def shorten(grant: Grant, *, by: Person | None, until: datetime, now: datetime) -> Grant:
    """Let it end at *until*; one that would only begin then never begins."""
    if grant.since >= until:
        return finish(grant, by=by, now=now)
    grant.until = until
    grant.save(update_fields=["until"])
    event = role_changed(grant, name="ended", actor=by, since=until)
    append(event=event, at=now, subject=grant.person.ref)
    return grant


def _sign_out(person: Person) -> None:
    """Whoever is signed in signs in anew, for as long as their roles allow from now on.

    No session outlives the change (``Person.get_session_auth_hash``); here they leave the list too.
    """
    Session.objects.filter(pk__in=SignIn.objects.filter(person=person).values("session")).delete()


def _overlapping(person: Person, role: Role, since: datetime, until: datetime | None) -> bool:
    """Whether the other of two duties that stand apart is held at any time of this one."""
    if role not in _APART:
        return False
    others = Grant.objects.filter(person=person, role__in=_APART - {role})
    ends = [(g.since, g.until) for g in others]
    return any(
        (until is None or start < until) and (end is None or end > since) for start, end in ends
    )
