"""The traveller asks for the trip; from here on the log knows it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Post
from accounts.posting import post
from attest.errors import MoveRefused
from ledger.services.append import append
from trips import leaves
from trips.models import Trip
from trips.writing import locked


@transaction.atomic
def request(trip: Trip, *, now: datetime) -> Trip:
    trip = locked(trip)
    state = trip.after("request")
    if not trip.purpose or not trip.stops.exists() or trip.approver is None:
        raise MoveRefused("a request needs a purpose, a destination and an approver")
    if trip.open_hash is None:
        leaf = append(event=leaves.opened(trip), trip=trip.line, at=now)
        trip.open_hash = leaf.hash
    else:
        leaf = append(event=leaves.opened_again(trip, reason="request"), trip=trip.line, at=now)
    trip.state, trip.requested_at = state, now
    trip.save(update_fields=["state", "requested_at", "open_hash"])
    name = f"request:{trip.uid}:{leaf.n}"
    post(trip.approver, kind=Post.Kind.TO_ORDER, dedupe=name, about=trip.uid, now=now)
    return trip
