"""A standing allowance written down: its row and its leaf, by the page, a program or a sheet."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from trips.models import StandingAllowance


def put_allowance(
    person: Person,
    *,
    first: str,
    until: str,
    monthly_won: int,
    reason: str,
    by: Person,
    now: datetime,
) -> StandingAllowance:
    """Whoever calls holds the days of *person*, and has looked that these months are free."""
    row = StandingAllowance.objects.create(
        person=person,
        first=first,
        until=until,
        monthly_won=monthly_won,
        reason=reason,
        by=by,
        at=now,
    )
    who = {"actor": by.ref, "person": person.ref}
    event = ConfigChanged(
        subject="setting", name=f"standing-{row.uid}", from_=f"{first}-01", who=who
    )
    append(event=event, at=now, subject=person.ref)
    return row
