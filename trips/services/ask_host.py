"""The traveller asks somebody at the place: by a code on their phone, or by a link."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import HostAskRefused, NotYours
from trips.hosting import ASK, LINK, SHOWN, issued, witnessable
from trips.models import CheckIn, HostAsk
from trips.writing import locked
from vault import keyring

# Links of one touch that were not answered.
MOST_LINKS = 5


@transaction.atomic
def ask_host(
    touch: CheckIn, *, person: Person, domain: str, browser: bytes, now: datetime
) -> tuple[HostAsk, str]:
    """The ask and its ticket. With *domain*, of the host's mail, a link; without, a code to show.

    A code that is made anew is the same ask: it can be answered once, however often it was shown.
    """
    touch.trip = locked(touch.trip)
    if touch.trip.traveller_id != person.pk:
        raise NotYours("only the traveller asks for their visit")
    if not witnessable(touch):
        raise HostAskRefused("closed")
    way = HostAsk.Way.LINK if domain else HostAsk.Way.SHOWN
    waiting = touch.host_asks.filter(answer="", way=way).order_by("-pk")
    alive = waiting.filter(expires_at__gt=now)
    if way == HostAsk.Way.LINK and len(alive[:MOST_LINKS]) == MOST_LINKS:
        raise HostAskRefused("many")
    ask = waiting.first() if way == HostAsk.Way.SHOWN else None
    ask = ask or HostAsk(check_in=touch, way=way, asked_at=now, domain=domain)
    ask.expires_at, ask.asked_from = now + (LINK if domain else SHOWN), browser
    ask.save()
    return ask, issued(ask, purpose=ASK, until=ask.expires_at, key=keyring.ticket_key())
