"""A clerk asks the traveller about what holds a payment, in words of their own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Post
from accounts.posting import post
from attest.errors import NotYours
from settlement.asking_about import open_to_words
from settlement.models import Hold, HoldMessage
from settlement.selectors import may_settle
from trips.writing import locked, reasoned


@transaction.atomic
def ask_traveller(hold: Hold, *, clerk: Person, text: str, now: datetime) -> HoldMessage:
    """The question stands with the exception; the traveller is told that there is one."""
    trip = locked(hold.trip)
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to ask about")
    hold = open_to_words(hold)
    asked = HoldMessage.objects.create(hold=hold, by=clerk, text=reasoned(text), at=now)
    hold.state = Hold.State.ASKED
    hold.save(update_fields=["state"])
    name = f"hold:{asked.uid}"
    post(trip.traveller, kind=Post.Kind.ITEM_ASKED, dedupe=name, about=trip.uid, now=now)
    return asked
