"""A receipt on show for a minute: a code that says who stands there now."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person
from attest.errors import MoveRefused, NotYours
from trips.models import CheckIn
from trips.presenting import SHOWN, issued, presentable
from vault import keyring


def present(touch: CheckIn, *, person: Person, now: datetime) -> tuple[str, datetime]:
    """The code and until when it is read. It may be made anew as often as anybody likes."""
    if touch.trip.traveller_id != person.pk:
        raise NotYours("only the traveller shows their receipt")
    if not presentable(touch):
        raise MoveRefused("this touch has no receipt to show")
    until = now + SHOWN
    return issued(touch, until=until, key=keyring.ticket_key()), until
