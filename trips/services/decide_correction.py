"""The approver says whether a correction holds; the original and the answer both stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Post
from accounts.posting import post
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.deciding import may_approve
from trips.models import Correction, State, Vehicle
from trips.writing import locked, reasoned


@transaction.atomic
def decide_correction(
    correction: Correction, *, approver: Person, decision: str, note: str, now: datetime
) -> Correction:
    """*decision* is accepted or declined; a declined one needs its reason.

    An accepted vehicle is the trip's from here on. Other accepted corrections stand beside
    what was recorded: no time and no place of a touch is ever written over.
    """
    trip = locked(correction.trip)
    if not may_approve(approver, trip, at=now):
        raise NotYours("this trip is not yours to decide")
    correction = Correction.objects.select_for_update().get(pk=correction.pk)
    if correction.state != Correction.State.OPEN:
        raise MoveRefused("this correction was decided already", why="correction.decided")
    said = reasoned(note) if decision == Correction.State.DECLINED else note.strip()[:500]
    correction.state = Correction.State(decision)
    if correction.state == Correction.State.ACCEPTED and correction.what == Correction.What.VEHICLE:
        if trip.state == State.SETTLED:
            raise MoveRefused("its settlement is taken back first", why="trip.paid")
        trip.vehicle = _vehicle(correction.value)
        trip.save(update_fields=["vehicle"])
    correction.answer, correction.answered_by, correction.answered_at = said, approver, now
    correction.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    new = {"what": correction.what, "value": correction.value, "state": correction.state}
    event = leaves.corrected(trip, actor=approver.ref, reason=said or correction.state, new=new)
    append(event=event, trip=trip.line, at=now)
    name = f"corrected:{correction.uid}"
    post(trip.traveller, kind=Post.Kind.CORRECTED, dedupe=name, about=trip.uid, now=now)
    return correction


def _vehicle(value: str) -> str:
    if value not in Vehicle.values:
        raise MoveRefused("the correction names no vehicle")
    return value
