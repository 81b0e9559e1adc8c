"""A third person answers an appeal; both texts stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Post
from accounts.posting import post
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.hearing import may_hear
from trips.models import Appeal
from trips.writing import locked


@transaction.atomic
def answer_appeal(
    appeal: Appeal, *, officer: Person, decision: str, text: str, now: datetime
) -> Appeal:
    """*decision* is upheld or declined. It changes no verdict and no sum: people read it."""
    trip = locked(appeal.trip)
    appeal = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    named = appeal.officer
    others = named is not None and named.pk != officer.pk and may_hear(named, trip, at=now)
    if others or not may_hear(officer, trip, at=now):
        raise NotYours("this appeal is not yours to answer")
    if appeal.state != Appeal.State.OPEN or not (said := text.strip()):
        raise MoveRefused("it was answered already, or there are no words")
    appeal.state, appeal.answer = Appeal.State(decision), said[:2_000]
    appeal.answered_by, appeal.answered_at = officer, now
    appeal.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    new = {"appeal": appeal.about, "state": appeal.state}
    event = leaves.corrected(trip, actor=officer.ref, reason=appeal.answer, new=new)
    append(event=event, trip=trip.line, at=now)
    name = f"heard:{appeal.uid}"
    post(trip.traveller, kind=Post.Kind.HEARD, dedupe=name, about=trip.uid, now=now)
    return appeal
