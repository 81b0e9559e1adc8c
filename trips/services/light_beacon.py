"""A beacon goes with challenges: it shows later that the phone had them, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Device
from attest import ticket
from trips.delivery import BEACON, beacon_of
from trips.models import Challenge
from vault import keyring


def light_beacon(challenges: Sequence[Challenge], *, device: Device | None, now: datetime) -> str:
    said = beacon_of(challenges, device=device, now=now)
    return ticket.issue(said, purpose=BEACON, key=keyring.ticket_key())
