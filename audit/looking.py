"""A page of what an auditor searched: the diary first, then the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from accounts.models import Person, Role
from audit.selectors import Filter, for_rows, trips_audited_by
from ledger.services.disclose import Look, Reader, disclose
from trips.models import Trip

PAGE = 25


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    trips: list[Trip]
    next: str


def searched(auditor: Person, asked: Filter, *, after: str, address: str, now: datetime) -> Page:
    """The 25 trips after the keyset mark *after*; everybody on the page gets a diary row."""
    trips = trips_audited_by(auditor, asked)
    total = trips.count()
    rows = list(for_rows(_after(trips, after))[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    disclose(
        reader=Reader(auditor, Role.AUDITOR, address),
        looks=[Look(trip.traveller, "place") for trip in rows],
        method="search",
        action="audit-search",
        purpose="audit",
        at=now,
    )
    last = rows[-1] if more else None
    mark = f"{last.starts_at.timestamp():.6f}_{last.pk}" if last else ""
    return Page(total, rows, mark)


def _after(trips: QuerySet[Trip], mark: str) -> QuerySet[Trip]:
    at, _, pk = mark.partition("_")
    try:
        moment = datetime.fromtimestamp(float(at), tz=UTC)
        number = int(pk)
    except (ValueError, OverflowError):
        return trips
    return trips.filter(Q(starts_at__lt=moment) | Q(starts_at=moment, pk__lt=number))
