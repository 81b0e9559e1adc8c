"""The worker sends the link that a host has waited for longest."""

from __future__ import annotations

import logging
from datetime import datetime

from accounts.adapters.letters import NOT_SENT
from accounts.delivering import WAITS, claimed
from trips.adapters.host_letters import send
from trips.hosting import ASK, issued
from trips.models import HostLetter
from vault import keyring

_LOG = logging.getLogger(__name__)


def deliver_host_letter(*, now: datetime) -> bool:
    """Send one link that is due, and say whether there was one.

    A link that is over, answered or of a touch taken back meanwhile goes nowhere. The address
    is kept no longer than it is needed.
    """
    waiting = HostLetter.objects.filter(state=HostLetter.State.WAITING)
    letter = claimed(
        waiting.select_related("ask__check_in__trip__traveller__organisation"), now=now
    )
    if letter is None:
        return False
    ask, box = letter.ask, letter.box()
    over = ask.answer or ask.expires_at <= now or ask.check_in.withdrawn_at is not None
    if over or box is None:
        _end(letter, HostLetter.State.DEAD)
        return True
    link = issued(ask, purpose=ASK, until=ask.expires_at, key=keyring.ticket_key())
    try:
        send(letter, address=box.open().decode(), ticket=link)
    except NOT_SENT as fault:
        # Its kind alone: what a mail server says repeats the address.
        _LOG.warning("link %s not sent: %s", letter.uid, type(fault).__name__)
        if letter.tries > len(WAITS):
            _end(letter, HostLetter.State.DEAD)
    else:
        _end(letter, HostLetter.State.SENT)
    return True


def _end(letter: HostLetter, state: HostLetter.State) -> None:
    mine = HostLetter.objects.filter(pk=letter.pk, tries=letter.tries)
    mine.update(state=state, due_at=None, address=None)
