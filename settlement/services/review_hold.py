"""Two clerks look at a review; what the second one finds as well lets the trip be paid."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ApprovalPair, Person
from attest.errors import DutiesClash, MoveRefused, NotYours
from settlement.models import Hold
from settlement.selectors import REVIEW, may_settle, review_about
from trips.writing import locked, reasoned


@transaction.atomic
def review_hold(hold: Hold, *, clerk: Person, reason: str, now: datetime) -> Hold:
    """The first clerk's reason, then another one's. Each reads the reasons and writes their own."""
    trip = locked(hold.trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to review")
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.state == Hold.State.RESOLVED:
        raise MoveRefused("resolved already", why="hold.resolved")
    if hold.reason_code != REVIEW:
        raise MoveRefused("no review")
    said, about = reasoned(reason), review_about(hold)
    if hold.state != Hold.State.SECOND:
        ApprovalPair.objects.create(maker=clerk, about=about, made_at=now)
        hold.state, hold.resolution_note = Hold.State.SECOND, said
        hold.save(update_fields=["state", "resolution_note"])
        return hold
    pair = ApprovalPair.objects.get(about=about)
    if pair.maker_id == clerk.pk:
        raise DutiesClash("another clerk has to look", why="second.own")
    if not may_settle(pair.maker, trip, at=now):
        raise NotYours("whoever looked first may not settle this trip any more")
    ApprovalPair.objects.filter(pk=pair.pk).update(checker=clerk, checked_at=now)
    hold.state, hold.resolution_code = Hold.State.RESOLVED, "two-person-review"
    hold.second_note, hold.resolved_at, hold.resolved_by = said, now, clerk
    hold.save()
    return hold
