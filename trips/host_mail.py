"""When a letter goes to a host, and when not: nobody's mailbox is filled through this product."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import translation

from accounts.models import Person
from accounts.posting import postbox_of
from attest.errors import HostAskRefused
from trips.models import HostAsk, HostLetter
from vault.ids import uuid7
from vault.sealed import blind_index

# In a day: for one asker, and to one mailbox whoever asks.
MOST_ASKED, MOST_RECEIVED = 10, 3
_DAY = timedelta(days=1)


def refuse_letter(person: Person, address: str, *, now: datetime) -> None:
    """Call it with *person*'s trip held."""
    # Lock the person: two trips of theirs shall not both be the tenth.
    Person.objects.select_for_update().get(pk=person.pk)
    if _same(address) == _same(postbox_of(person).shown_address()):
        raise HostAskRefused("own")
    today = HostLetter.objects.filter(made_at__gt=now - _DAY)
    if today.filter(ask__check_in__trip__traveller=person).count() >= MOST_ASKED:
        raise HostAskRefused("letters")
    if today.filter(mark=_mark(address)).count() >= MOST_RECEIVED:
        raise HostAskRefused("mailbox")


def write_letter(ask: HostAsk, address: str, *, now: datetime) -> HostLetter:
    """With the ask, in its transaction; the worker sends it at any hour: they are visited now."""
    letter = HostLetter(
        uid=uuid7(),
        ask=ask,
        mark=_mark(address),
        language=(translation.get_language() or "ko")[:2],
        made_at=now,
        due_at=now,
    )
    letter.put(address)
    letter.save()
    return letter


def _mark(address: str) -> bytes:
    return blind_index("host-mail", _same(address))


def _same(address: str) -> str:
    """Equal for what reaches one mailbox: a tag behind a plus is no other one."""
    name, _, domain = address.strip().casefold().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"
