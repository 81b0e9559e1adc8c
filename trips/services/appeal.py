"""The traveller disagrees, and somebody without a part in it will answer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Post
from accounts.posting import post
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.hearing import officer_for
from trips.models import Appeal, Trip
from trips.working_days import working_day_after
from trips.writing import locked

DAYS = 10


@transaction.atomic
def appeal(trip: Trip, *, person: Person, about: str, text: str, now: datetime) -> Appeal:
    """One at a time. While it is open the trip is not paid (``claim.appeal-open``)."""
    trip = locked(trip)
    if person.pk != trip.traveller_id:
        raise NotYours("only the traveller appeals")
    if trip.open_hash is None or not (said := text.strip()):
        raise MoveRefused("nothing to appeal against, or no words")
    if trip.appeals.filter(state=Appeal.State.OPEN).exists():
        raise MoveRefused("an appeal is open already")
    row = Appeal.objects.create(
        trip=trip,
        about=Appeal.About(about),
        text=said[:2_000],
        by=person,
        at=now,
        due_on=working_day_after(now, days=DAYS),
        officer=officer_for(trip, at=now),
    )
    new = {"appeal": about, "due": row.due_on.isoformat()}
    event = leaves.corrected(trip, actor=person.ref, reason=row.text, new=new)
    append(event=event, trip=trip.line, at=now)
    if row.officer:
        name = f"appeal:{row.uid}"
        post(row.officer, kind=Post.Kind.TO_HEAR, dedupe=name, about=trip.uid, now=now)
    return row
