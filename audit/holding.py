"""Who may keep positions beyond their time: an auditor or an administrator, never one alone."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from accounts.selectors import may_administer, may_audit
from attest.errors import NotYours
from attest.log.leaf import ConfigChanged
from audit.models import RetentionHold
from ledger.services.append import append
from trips.models import Trip


def may_hold(person: Person, *, at: datetime) -> bool:
    return may_audit(person, at=at) or may_administer(person, at=at)


def expect_holder(person: Person, *, at: datetime) -> None:
    if not may_hold(person, at=at):
        raise NotYours("an auditor or an administrator keeps positions back")


def subject_of(hold: RetentionHold) -> Person:
    """Whose positions it keeps."""
    match hold.person, hold.trip:
        case Person() as person, _:
            return person
        case _, Trip() as trip:
            return trip.traveller
    raise NotYours("a hold of nobody")


def tell(hold: RetentionHold, name: str, *, actor: Person, at: datetime) -> None:
    """*name* is asked, agreed or lifted. In the deed's transaction."""
    who = {"actor": actor.ref, "person": subject_of(hold).ref}
    event = ConfigChanged(subject="setting", name=f"retention-hold-{name}", who=who)
    append(event=event, at=at, subject=subject_of(hold).ref)
