"""What an approver's decisions share: the right to it, the row, the leaf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.hands import hands_of
from accounts.models import Person, Post, Role
from accounts.posting import News, post_all
from accounts.selectors import roles_of
from attest.errors import NotYours
from ledger.outbox import Deed
from ledger.services.append_all import append_all
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
    put_decisions([(trip, note)], by=by, step=step, decision=decision, now=now)


def put_decisions(
    noted: Sequence[tuple[Trip, str]], *, by: Person, step: int, decision: str, now: datetime
) -> None:
    """One decision over many trips, on each with a note of its own; a trip comes once."""
    away = _instead_of([trip for trip, _ in noted], by=by, at=now)
    rows = Decision.objects.bulk_create(
        Decision(
            trip=trip,
            step=step,
            decision=decision,
            by=by,
            instead_of=away.get(trip.pk),
            note=note,
            at=now,
        )
        for trip, note in noted
    )
    append_all([_leaf_of(row) for row in rows], at=now)
    back = step == 2 and decision == "return"
    post_all(
        [News(row.trip.traveller, f"decision:{row.pk}", row.trip.uid) for row in rows],
        kind=Post.Kind.ITEM_ASKED if back else Post.Kind.DECIDED,
        now=now,
    )


def _leaf_of(row: Decision) -> Deed:
    event = leaves.decided(
        row.trip,
        actor=row.by.ref,
        instead_of=row.instead_of,
        decision=row.decision,
        step=row.step,
        note=row.note,
    )
    return Deed(event, row.trip.line)


def _instead_of(trips: Iterable[Trip], *, by: Person, at: datetime) -> dict[int, Person]:
    """By trip the approver who handed it to *by*; none where it is their own to decide."""
    others = {trip.pk: trip.approver for trip in trips if trip.approver_id not in {None, by.pk}}
    of = hands_of(by, at=at).of if others else frozenset()
    return {trip: who for trip, who in others.items() if who is not None and who.pk in of}


def ordered(trip: Trip, *, now: datetime) -> None:
    """The order of a trip; after the start it is a late one, which a finding will say."""
    trip.approved_at = now
    trip.order_number = trip.order_number or f"{trip.number}-1"
