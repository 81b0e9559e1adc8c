"""Showing a receipt for a minute, where an office chose so: a code only its own station reads.

    text     "TSV1." ticket
    ticket   of purpose "present": which touch, and when it ends (attest/ticket.py)

It proves that whoever shows it is signed in now. What the touch is worth its own token says, which
is opened and judged as if it had been read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Organisation, Person
from attest import ticket
from attest.errors import RecordMalformed, TokenRefused
from attest.token import text_of
from trips.models import CheckIn
from trips.selectors import newest_assessment

PREFIX = "TSV1."
SHOWN = timedelta(seconds=60)
# What an administrator chose; an office that never chose shows receipts alone.
ON, OFF = "on", "off"
_PURPOSE = "present"


def presents(organisation: Organisation) -> bool:
    return bool(organisation.settings.get("presentation") == ON)


def presentable(touch: CheckIn) -> bool:
    """Whether a receipt of it is there to be shown. Its assessments are read."""
    usable = newest_assessment(touch).verdict != "INVALID"
    return usable and touch.withdrawn_at is None and not touch.erased


def issued(touch: CheckIn, *, until: datetime, key: bytes) -> str:
    said = {"touch": str(touch.uid), "exp": int(until.timestamp())}
    return PREFIX + ticket.issue(said, purpose=_PURPOSE, key=key)


def token_presented(text: str, *, clerk: Person, keys: Sequence[bytes], at: datetime) -> str:
    """The text of the receipt that is shown, of the clerk's office; else why there is none."""
    try:
        said = ticket.read(text.removeprefix(PREFIX), purpose=_PURPOSE, keys=keys, at=0)
    except RecordMalformed as wrong:
        raise TokenRefused("bad_signature", at="ticket") from wrong
    if said["exp"] <= int(at.timestamp()):
        raise TokenRefused("expired", at="ticket")
    touch = _touches_in(clerk).filter(uid=UUID(said["touch"])).first()
    box = touch.box("token") if touch else None
    if box is None:
        raise TokenRefused("no_record", at="ticket")
    return text_of(box.open(), settings.HOST)


def _touches_in(clerk: Person) -> QuerySet[CheckIn]:
    office = clerk.organisation_id
    return CheckIn.objects.filter(trip__traveller__organisation=office).select_related("trip")
