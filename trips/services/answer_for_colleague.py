"""Who travelled along says whether a colleague was there: for one without a phone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import HostAskRefused
from trips.hosting import Host, put_answer, refuse_own, witnessable
from trips.models import CheckIn, HostAsk
from trips.writing import locked


@transaction.atomic
def answer_for_colleague(
    touch: CheckIn, *, colleague: Person, answer: str, now: datetime
) -> HostAsk:
    """One answer of one colleague for one touch, from their own signed-in page."""
    touch.trip = locked(touch.trip)
    touch.refresh_from_db(fields=["withdrawn_at"])
    host = Host(person=colleague)
    refuse_own(touch.trip, host)
    if not witnessable(touch):
        raise HostAskRefused("closed")
    if touch.host_asks.filter(answered_by=colleague).exists():
        raise HostAskRefused("answered")
    ask = HostAsk(check_in=touch, way=HostAsk.Way.COLLEAGUE, asked_at=now, expires_at=now)
    ask.save()
    return put_answer(ask, answer=answer, host=host, now=now)
