"""What an approver's decisions share: the right to it, the row, the leaf."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person, Post, Role
from accounts.posting import post
from accounts.selectors import roles_of
from attest.errors import NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import Decision, Trip


def may_approve(person: Person, trip: Trip, *, at: datetime) -> bool:
    """Its approver, or any approver where none could be named; never who travels."""
    if person.pk == trip.traveller_id or Role.APPROVER not in roles_of(person, at=at):
        return False
    return trip.approver_id in {None, person.pk}


def may_send_back(person: Person, trip: Trip, *, at: datetime) -> bool:
    """Its approver, or a clerk; never who travels."""
    clerk = Role.CLERK in roles_of(person, at=at) and person.pk != trip.traveller_id
    return clerk or may_approve(person, trip, at=at)


def decide(trip: Trip, *, by: Person, step: int, decision: str, note: str, now: datetime) -> None:
    if not may_approve(by, trip, at=now):
        raise NotYours("this trip is not yours to decide")
    trip.approver = by
    put_decision(trip, by=by, step=step, decision=decision, note=note, now=now)


def put_decision(
    trip: Trip, *, by: Person, step: int, decision: str, note: str, now: datetime
) -> None:
    row = Decision.objects.create(trip=trip, step=step, decision=decision, by=by, note=note, at=now)
    event = leaves.decided(trip, actor=by.ref, decision=decision, step=step, note=note)
    append(event=event, trip=trip.line, at=now)
    back = step == 2 and decision == "return"
    post(
        trip.traveller,
        kind=Post.Kind.ITEM_ASKED if back else Post.Kind.DECIDED,
        dedupe=f"decision:{row.pk}",
        about=trip.uid,
        now=now,
    )


def ordered(trip: Trip, *, now: datetime) -> None:
    """The order of a trip; after the start it is a late one, which a finding will say."""
    trip.approved_at = now
    trip.order_number = trip.order_number or f"{trip.number}-1"
