"""The traveller answers what holds their payment; the clerk still decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import NotYours
from settlement.asking_about import open_to_words
from settlement.models import Hold, HoldMessage
from trips.writing import locked, reasoned


@transaction.atomic
def answer_hold(hold: Hold, *, person: Person, text: str, now: datetime) -> HoldMessage:
    """Asked or not: whoever sees what holds their money may say something to it."""
    trip = locked(hold.trip)
    if trip.traveller_id != person.pk:
        raise NotYours("only the traveller answers for their trip")
    hold = open_to_words(hold)
    said = HoldMessage.objects.create(hold=hold, by=person, text=reasoned(text), at=now)
    hold.state = Hold.State.ANSWERED
    hold.save(update_fields=["state"])
    return said
