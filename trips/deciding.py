"""What an approver's decisions share: the right to it, the row, the leaf."""

from __future__ import annotations

from datetime import datetime

from accounts.hands import hands_of
from accounts.models import Person, Post, Role
from accounts.posting import post
from accounts.selectors import roles_of
from attest.errors import NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import Decision, Trip


def may_approve(person: Person, trip: Trip, *, at: datetime) -> bool:
    """Its approver, a delegate of its approver, or any approver where none could be named.

    Never who travels, nor anybody whom delegation ties to who travels, in either direction.
    """
    if person.pk == trip.traveller_id or Role.APPROVER not in roles_of(person, at=at):
        return False
    hands = hands_of(person, at=at)
    if trip.traveller_id in hands.tied:
        return False
    return trip.approver_id in {None, person.pk, *hands.of}


def may_send_back(person: Person, trip: Trip, *, at: datetime) -> bool:
    """Its approver, or a clerk; never who travels."""
    clerk = Role.CLERK in roles_of(person, at=at) and person.pk != trip.traveller_id
    return clerk or may_approve(person, trip, at=at)


def decide(trip: Trip, *, by: Person, step: int, decision: str, note: str, now: datetime) -> None:
    if not may_approve(by, trip, at=now):
        raise NotYours("this trip is not yours to decide")
    if trip.approver is None:
        trip.approver = by
    put_decision(trip, by=by, step=step, decision=decision, note=note, now=now)


def put_decision(
    trip: Trip, *, by: Person, step: int, decision: str, note: str, now: datetime
) -> None:
    away = _instead_of(trip, by=by, at=now)
    row = Decision.objects.create(
        trip=trip, step=step, decision=decision, by=by, instead_of=away, note=note, at=now
    )
    event = leaves.decided(
        trip, actor=by.ref, instead_of=away, decision=decision, step=step, note=note
    )
    append(event=event, trip=trip.line, at=now)
    back = step == 2 and decision == "return"
    post(
        trip.traveller,
        kind=Post.Kind.ITEM_ASKED if back else Post.Kind.DECIDED,
        dedupe=f"decision:{row.pk}",
        about=trip.uid,
        now=now,
    )


def _instead_of(trip: Trip, *, by: Person, at: datetime) -> Person | None:
    """The approver who handed this to *by*; none where it is their own to decide."""
    if trip.approver is None or trip.approver.pk == by.pk:
        return None
    return trip.approver if trip.approver.pk in hands_of(by, at=at).of else None


def ordered(trip: Trip, *, now: datetime) -> None:
    """The order of a trip; after the start it is a late one, which a finding will say."""
    trip.approved_at = now
    trip.order_number = trip.order_number or f"{trip.number}-1"
