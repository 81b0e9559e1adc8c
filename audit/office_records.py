"""Office traces as an auditor lays them beside touches: looked at first, then applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Person, Role
from ledger.services.disclose import Reader
from trips.office_plan import OfficePlan
from trips.office_sheet import Entry
from trips.services.import_office_records import import_office_records

LEAST_REASON = 10


def applied(
    auditor: Person,
    entries: Sequence[Entry],
    *,
    digest: bytes,
    reason: str,
    address: str,
    now: datetime,
) -> OfficePlan:
    return import_office_records(
        Reader(auditor, Role.AUDITOR, address),
        person=auditor,
        entries=entries,
        digest=digest,
        reason=reason,
        now=now,
    )
