"""A settlement goes onto another month's payment statement; which may, and how it is kept.

No sum is changed by it, and no money lost: what leaves one statement stands on another.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from settlement.models import MonthShift, Payment, Settlement
from settlement.selectors import may_settle

MOST = 500
_AT_HOME = (Payment.UNPAID, Payment.FAILED)


def rows_to_shift(
    settlements: Collection[UUID], *, clerk: Person, now: datetime
) -> list[Settlement]:
    """All of them or none: held, not on their way to the bank, and of nobody who settles."""
    if not 0 < len(settlements) <= MOST:
        raise MoveRefused(f"between one and {MOST} at a time")
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("trip__traveller")
    rows = rows.filter(uid__in=settlements, traveller__organisation=clerk.organisation_id)
    found = list(rows.order_by("pk"))
    if len(found) != len(set(settlements)):
        raise MoveRefused("not all of these are there")
    for row in found:
        if row.voided_at is not None or row.payment not in _AT_HOME:
            raise MoveRefused("taken back, or its money is on the way")
        if not may_settle(clerk, row.trip, at=now):
            raise NotYours("nobody moves what they travelled or approved")
    return found


def shift(
    rows: list[Settlement], joined: str, *, clerk: Person, reason: str, now: datetime
) -> None:
    """Onto the statement of *joined*; its month and theirs are held."""
    shifts = [
        MonthShift(settlement=row, left=row.month, joined=joined, reason=reason, by=clerk, at=now)
        for row in rows
    ]
    for row in rows:
        row.month = joined
    MonthShift.objects.bulk_create(shifts)
    Settlement.objects.bulk_update(rows, ["month"], batch_size=200)
