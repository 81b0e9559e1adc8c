"""A host answers, once; and may think better of it for ten minutes."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.db import transaction

from attest.errors import HostAskRefused
from trips.hosting import (
    ANSWER,
    ANSWERING,
    CHANGING,
    Host,
    asked_by,
    held,
    issued,
    put_answer,
    refuse_own,
)
from trips.models import HostAsk
from vault import keyring

# Each change weighs the touch again and is a leaf: whoever holds a ticket changes their mind
# so often in the ten minutes they have.
MOST_CHANGES, _LIFE_S = 3, 900


@transaction.atomic
def answer_host(text: str, *, answer: str, host: Host, now: datetime) -> tuple[HostAsk, str]:
    """The answered ask, and the ticket by which the same browser may change the answer."""
    keys = keyring.ticket_keys(now)
    try:
        uid, again = asked_by(text, purpose=ANSWERING, keys=keys, at=now), False
    except HostAskRefused as no:
        if no.why == "expired":
            raise
        uid, again = asked_by(text, purpose=CHANGING, keys=keys, at=now), True
    known = HostAsk.objects.select_related("check_in__trip").filter(uid=uid).first()
    if known is None:
        raise HostAskRefused("unknown")
    ask = held(known)
    refuse_own(ask.check_in.trip, host)
    if ask.answer and not again:
        raise HostAskRefused("answered")
    if ask.answered_at and now > ask.answered_at + ANSWER:
        raise HostAskRefused("closed")
    if host.person is None and not (host.name and host.department):
        raise HostAskRefused("unnamed")
    if again and ask.answer == answer:
        # Said once more: the log has it.
        return ask, text
    if again:
        changes = f"host-changed:{uid}"
        cache.add(changes, 0, _LIFE_S)
        if cache.incr(changes) > MOST_CHANGES:
            raise HostAskRefused("closed")
    ask = put_answer(ask, answer=answer, host=host, now=now)
    until = (ask.answered_at or now) + ANSWER
    return ask, issued(ask, purpose=CHANGING, until=until, key=keyring.ticket_key())
