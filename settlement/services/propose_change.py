"""A clerk proposes to compute a trip by other facts, or by the rules again; another decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from settlement.asking_about import OPEN
from settlement.models import Hold, Revision
from settlement.revising import Change, sums
from settlement.selectors import REVIEW, may_settle
from trips.models import Distance, State
from trips.writing import locked, reasoned

# Further than anybody drives within the country and back.
MOST_M = 2_000_000
_OPEN_TRIPS = frozenset({State.APPROVED, State.TRAVELLING, State.RETURNED, State.CONFIRMED})


@transaction.atomic
def propose_change(
    hold: Hold, *, clerk: Person, change: Change, reason: str, now: datetime
) -> Revision:
    """Nothing is changed by it yet. No sum is ever typed: the engine says what comes of it."""
    trip = locked(hold.trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to change")
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.state not in OPEN or hold.reason_code == REVIEW:
        raise MoveRefused("resolved already, for a second to look at, or a review")
    if trip.state not in _OPEN_TRIPS:
        raise MoveRefused(f"this trip is {trip.state}: what it is computed by stays")
    _checked(change)
    if change.back and not trip.decided:
        raise MoveRefused("nothing was decided of this trip")
    said = reasoned(reason)
    before, after = sums(trip, change.facts(said))
    hold.state = Hold.State.SECOND
    hold.save(update_fields=["state"])
    return Revision.objects.create(
        hold=hold,
        back=change.back,
        area=change.area,
        one_way_m=change.one_way_m,
        method=change.method,
        reason=said,
        before=before,
        after=after,
        by=clerk,
        at=now,
    )


def _checked(change: Change) -> None:
    far, measured = change.one_way_m, change.method
    if change.back:
        if change.area or measured or far is not None:
            raise MoveRefused("back to the rules names no area and no distance")
        return
    if change.area not in {"", *Revision.Area.values} or not (change.area or far is not None):
        raise MoveRefused("a change names an area or a distance")
    if far is None and not measured:
        return
    if far is None or not 0 <= far <= MOST_M or measured not in Distance.Method.values:
        raise MoveRefused("a distance has metres and a way it was measured")
