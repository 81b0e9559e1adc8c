"""A second clerk agrees to what a trip is computed by, or declines; both reasons stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import ApprovalPair, Person, Post
from accounts.posting import post
from attest.errors import BatchChanged, DutiesClash, MoveRefused, NotYours
from settlement.models import Hold, Revision
from settlement.revising import change_of, proposed_of, sums
from settlement.selectors import may_settle
from trips.services.decide_facts import decide_facts
from trips.writing import locked, reasoned


@transaction.atomic
def decide_change(
    hold: Hold, *, clerk: Person, decision: str, reason: str, now: datetime
) -> Revision:
    """*decision* is agreed or declined. Who proposed it may take it back, and never agree.

    Agreed, it resolves the exception; refused where the sum would be another by now than was
    shown to both.
    """
    trip = locked(hold.trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to decide")
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    row = proposed_of(hold)
    if row is None or hold.state != Hold.State.SECOND:
        raise MoveRefused("nothing is proposed", why="hold.not-proposed")
    said = reasoned(reason)
    if Revision.State(decision) != Revision.State.AGREED:
        row.state, hold.state = Revision.State.DECLINED, _state_before(hold)
    else:
        if row.by_id == clerk.pk:
            raise DutiesClash("another clerk has to agree", why="second.own")
        if not may_settle(row.by, trip, at=now):
            # Its approver by now, or no clerk any more: then it was not two clerks who agreed.
            raise NotYours("whoever proposed it may not settle this trip any more")
        facts = change_of(row).facts(row.reason)
        if sums(trip, facts) != (row.before, row.after):
            raise BatchChanged("the sum is another one than was proposed")
        decide_facts(trip, clerk=row.by, second=clerk, facts=facts, reason=row.reason, now=now)
        about = f"change:{row.uid}"
        ApprovalPair.objects.create(
            maker=row.by, checker=clerk, about=about, made_at=row.at, checked_at=now
        )
        row.state, hold.state = Revision.State.AGREED, Hold.State.RESOLVED
        hold.resolution_code, hold.resolution_note = "amount-changed", row.reason
        hold.second_note, hold.resolved_at, hold.resolved_by = said, now, clerk
        post(trip.traveller, kind=Post.Kind.DECIDED, dedupe=about, about=trip.uid, now=now)
    row.second, row.second_reason, row.second_at = clerk, said, now
    row.save(update_fields=["state", "second", "second_reason", "second_at"])
    hold.save()
    return row


def _state_before(hold: Hold) -> str:
    """As far as the talk with the traveller had come."""
    newest = hold.messages.order_by("-pk").first()
    if newest is None:
        return Hold.State.NEW
    answered = newest.by_id == hold.trip.traveller_id
    return Hold.State.ANSWERED if answered else Hold.State.ASKED
