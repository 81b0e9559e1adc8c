"""Somebody at the place opens the code or the link, and is asked."""

from __future__ import annotations

from datetime import datetime

from attest.errors import HostAskRefused
from trips.hosting import ANSWER, ANSWERING, ASK, Host, asked_by, issued, refuse_own, witnessable
from trips.models import HostAsk
from vault import keyring


def open_question(text: str, *, host: Host, now: datetime) -> tuple[HostAsk, str]:
    """What is asked, and the ticket to answer it with, good for ten minutes."""
    uid = asked_by(text, purpose=ASK, keys=keyring.ticket_keys(now), at=now)
    related = ("check_in__trip__traveller__organisation", "check_in__trip__department")
    ask = HostAsk.objects.select_related(*related).filter(uid=uid).first()
    if ask is None:
        raise HostAskRefused("unknown")
    refuse_own(ask.check_in.trip, host)
    if ask.answer:
        raise HostAskRefused("answered")
    if not witnessable(ask.check_in):
        raise HostAskRefused("closed")
    return ask, issued(ask, purpose=ANSWERING, until=now + ANSWER, key=keyring.ticket_key())
