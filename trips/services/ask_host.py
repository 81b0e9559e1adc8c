"""The traveller asks somebody at the place: by a code on their phone, or by a link.

Where the office has a mail server the link goes to the host's mailbox alone: what the
traveller never held, they cannot answer.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import Person
from attest.errors import HostAskRefused, NotYours
from trips.host_mail import refuse_letter, write_letter
from trips.hosting import ASK, LINK, SHOWN, issued, witnessable
from trips.models import CheckIn, HostAsk
from trips.writing import locked
from vault import keyring

# Links of one touch that were not answered.
MOST_LINKS = 5


@transaction.atomic
def ask_host(
    touch: CheckIn, *, person: Person, mail: str, browser: bytes, now: datetime
) -> tuple[HostAsk, str]:
    """The ask and its ticket. With *mail*, the host's at work, a link; without, a code to show.

    The ticket is empty where the link is sent by letter.

    A code that is made anew is the same ask: it can be answered once, however often it was shown.
    """
    touch.trip = locked(touch.trip)
    if touch.trip.traveller_id != person.pk:
        raise NotYours("only the traveller asks for their visit")
    if not witnessable(touch):
        raise HostAskRefused("closed")
    domain = mail.rpartition("@")[2].lower()
    way = HostAsk.Way.LINK if domain else HostAsk.Way.SHOWN
    waiting = touch.host_asks.filter(answer="", way=way).order_by("-pk")
    alive = waiting.filter(expires_at__gt=now)
    if way == HostAsk.Way.LINK and len(alive[:MOST_LINKS]) == MOST_LINKS:
        raise HostAskRefused("many")
    ask = waiting.first() if way == HostAsk.Way.SHOWN else None
    ask = ask or HostAsk(check_in=touch, way=way, asked_at=now, domain=domain)
    ask.expires_at, ask.asked_from = now + (LINK if domain else SHOWN), browser
    if domain and settings.EMAIL_HOST:
        refuse_letter(person, mail, now=now)
        ask.save()
        write_letter(ask, mail, now=now)
        return ask, ""
    ask.save()
    return ask, issued(ask, purpose=ASK, until=ask.expires_at, key=keyring.ticket_key())
