"""What held a payment is resolved: by a code and a typed reason, never by a click alone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from settlement.models import Hold
from settlement.selectors import REVIEW, may_settle
from trips.writing import locked, reasoned

# What needs a second person or the traveller has a verb of its own: `propose_change`,
# `review_hold`, `not_a_trip`.
RESOLUTIONS = (
    *("item-added", "corrected", "explained", "other-proof", "returned"),
    *("duplicate-left-out", "referred"),
)


@transaction.atomic
def resolve_hold(hold: Hold, *, clerk: Person, resolution: str, reason: str, now: datetime) -> Hold:
    """REVIEW needs two people: one clerk alone cannot resolve it."""
    trip = locked(hold.trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to resolve")
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.state == Hold.State.RESOLVED:
        raise MoveRefused("resolved already", why="hold.resolved")
    if resolution not in RESOLUTIONS:
        raise MoveRefused("no such resolution")
    if hold.reason_code == REVIEW or hold.state == Hold.State.SECOND:
        raise MoveRefused("two look at a review, and decide on a change", why="hold.for-two")
    hold.state, hold.resolution_code = Hold.State.RESOLVED, resolution
    hold.resolution_note = reasoned(reason)
    hold.resolved_at, hold.resolved_by = now, clerk
    hold.save()
    return hold
