"""The traveller takes a paper back. It stays, and that it was taken back is added."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from ledger.services.append import append
from trips import leaves
from trips.models import Paper, State
from trips.reweighing import weighed_with
from trips.writing import locked

_OVER = {State.SETTLED, State.CANCELLED, State.VOIDED}


@transaction.atomic
def withdraw_paper(paper: Paper, *, person: Person, now: datetime) -> Paper:
    """Until the trip is settled. It counts no more, here or anywhere, and may be attached anew."""
    trip = locked(paper.trip)
    paper = Paper.objects.select_related("upload", "check_in").get(pk=paper.pk)
    paper.trip = trip
    if person.pk != trip.traveller_id:
        raise NotYours("only the traveller takes a paper back")
    if paper.withdrawn_at is not None:
        return paper
    if trip.state in _OVER:
        raise MoveRefused(f"this trip is {trip.state}: its papers stay")
    counted = paper.counted
    paper.counted, paper.why, paper.withdrawn_at = False, Paper.Why.WITHDRAWN, now
    paper.save(update_fields=["counted", "why", "withdrawn_at"])
    new = {"item": "paper-withdrawn", "sha256": bytes(paper.digest).hex()}
    new |= weighed_with(paper, now=now) if counted else {}
    event = leaves.corrected(
        trip, actor=person.ref, reason="paper-withdrawn", new=new, touch=paper.check_in
    )
    append(event=event, trip=trip.line, at=now)
    return paper
