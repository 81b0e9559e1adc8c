"""One more thing that supports a touch: so far, a statement in words."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import CheckIn, Item, Trip
from trips.writing import locked, reasoned
from vault.ids import uuid7
from vault.sealed import seal


@transaction.atomic
def add_item(
    trip: Trip, *, person: Person, text: str, now: datetime, check_in: CheckIn | None = None
) -> Item:
    """Kept sealed; the leaf holds its hash, so that it cannot be changed later."""
    trip = locked(trip)
    if person.pk != trip.traveller_id:
        raise NotYours("only the traveller adds to their trip")
    if trip.open_hash is None:
        raise MoveRefused("a draft is rewritten, not added to")
    uid, words = uuid7(), reasoned(text).encode()
    item = Item.objects.create(
        uid=uid,
        trip=trip,
        check_in=check_in,
        kind=Item.Kind.STATEMENT,
        content=seal(words, key=trip.key("biz"), table="trips_item", row=uid, field="content"),
        by=person,
        at=now,
    )
    new = {"item": item.kind, "sha256": sha256(words).hexdigest()}
    event = leaves.corrected(trip, actor=person.ref, reason="item", new=new, touch=check_in)
    append(event=event, trip=trip.line, at=now)
    return item
