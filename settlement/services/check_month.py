"""The papers of a month are held against each other; what differs is written down once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person
from attest.allowance import Finding as Found
from settlement.looking_over import findings_in
from settlement.matching import chunks
from settlement.models import Finding, Hold, Month
from settlement.monthly import held_open
from trips.models import State, Trip

SERIOUS = "serious"


@transaction.atomic
def check_month(
    month: Month, *, clerk: Person, now: datetime, found: Sequence[Found] | None = None
) -> int:
    """How many findings are new. A serious one holds every trip of it that is not yet paid.

    *found* is what ``findings_in`` said, where that was asked before.
    """
    month = held_open(month)
    found = findings_in(month) if found is None else found
    known = {bytes(mark) for mark in month.findings.values_list("mark", flat=True)}
    marks = {sha256("\n".join((one.code, *one.trips)).encode()).digest(): one for one in found}
    new = {mark: one for mark, one in marks.items() if mark not in known}
    rows = [
        Finding(
            month=month,
            mark=mark,
            code=one.code,
            severity=one.severity,
            said=one.said.as_dict(),
            at=now,
        )
        for mark, one in new.items()
    ]
    kept = Finding.objects.bulk_create(rows, batch_size=500)
    trips = _trips({uid for one in new.values() for uid in one.trips})
    links, holds = [], []
    for row, one in zip(kept, new.values(), strict=True):
        for trip in (trips[uid] for uid in one.trips):
            links.append(Finding.trips.through(finding=row, trip=trip))
            if one.severity == SERIOUS and trip.state != State.SETTLED:
                note = one.said.ko[:500]
                held = Hold(trip=trip, reason_code=one.code, note=note, at=now, by=clerk)
                holds.append(held)
    Finding.trips.through.objects.bulk_create(links, batch_size=500)
    Hold.objects.bulk_create(holds, batch_size=500)
    return len(new)


def _trips(uids: set[str]) -> dict[str, Trip]:
    found: dict[str, Trip] = {}
    for some in chunks(sorted(uids)):
        found |= {str(trip.uid): trip for trip in Trip.objects.filter(uid__in=some)}
    return found
