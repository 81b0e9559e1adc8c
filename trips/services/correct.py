"""The traveller says what should have stood there; the original stays."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Post
from accounts.posting import post
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import Correction, Trip
from trips.writing import locked, reasoned


@transaction.atomic
def correct(
    trip: Trip, *, person: Person, what: str, value: str, reason: str, now: datetime
) -> Correction:
    trip = locked(trip)
    if person.pk != trip.traveller_id:
        raise NotYours("only the traveller asks for a correction")
    if trip.open_hash is None:
        raise MoveRefused("a draft is rewritten, not corrected")
    row = Correction.objects.create(
        trip=trip, what=what, value=value, reason=reasoned(reason), by=person, at=now
    )
    new = {"what": what, "value": value}
    append(
        event=leaves.corrected(trip, actor=person.ref, reason=reason, new=new),
        trip=trip.line,
        at=now,
    )
    if trip.approver:
        name = f"correction:{row.uid}"
        post(trip.approver, kind=Post.Kind.TO_ANSWER, dedupe=name, about=trip.uid, now=now)
    return row
