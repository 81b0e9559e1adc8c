"""Lists by keyset: the next page begins where this one ended, however long the list is.

The mark in the address is ``<microseconds since 1970>.<uid>``: no count, no offset, no number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import paging as people_pages
from trips.models import StandingAllowance, Trip

ROWS = 25
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


NEWEST_FIRST = ("-starts_at", "-uid")
OLDEST_FIRST = ("starts_at", "uid")


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Trip]
    next: str


def page_of(
    trips: QuerySet[Trip], *, after: str = "", order: tuple[str, str] = NEWEST_FIRST
) -> Page:
    """The next rows of *order*. A mark that cannot be read means the beginning."""
    if mark := _mark(after):
        trips = trips.filter(_beyond(*mark, order))
    found = list(trips.order_by(*order)[: ROWS + 1])
    more = len(found) > ROWS
    return Page(found[:ROWS], mark_of(found[ROWS - 1]) if more else "")


def allowances_page(
    rows: QuerySet[StandingAllowance], *, before: str
) -> people_pages.Page[StandingAllowance]:
    """Newest first. *before* is the ``uid`` of the last one seen; another means the beginning."""
    last = rows.filter(uid=before).first() if _UID.fullmatch(before) else None
    if last:
        rows = rows.filter(pk__lt=last.pk)
    found = list(rows.order_by("-pk")[: ROWS + 1])
    more = len(found) > ROWS
    return people_pages.Page(found[:ROWS], str(found[ROWS - 1].uid) if more else "")


def _beyond(at: datetime, uid: UUID, order: tuple[str, str]) -> Q:
    if order == NEWEST_FIRST:
        return Q(starts_at__lt=at) | Q(starts_at=at, uid__lt=uid)
    return Q(starts_at__gt=at) | Q(starts_at=at, uid__gt=uid)


def mark_of(trip: Trip) -> str:
    return f"{(trip.starts_at - _EPOCH) // timedelta(microseconds=1)}.{trip.uid.hex}"


def _mark(text: str) -> tuple[datetime, UUID] | None:
    at, _, uid = text.partition(".")
    try:
        return _EPOCH + timedelta(microseconds=int(at)), UUID(hex=uid)
    except (ValueError, OverflowError):
        return None
