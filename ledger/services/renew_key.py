"""A key of 32 bytes gets a successor, in use at once; what the old one marked is known on."""

from __future__ import annotations

from datetime import datetime

from ledger.keys import Made
from vault.keyring import renewed
from vault.keyring.book import expect_both

RENEWABLE = tuple(sorted(renewed.STAYS_S))


def renew_key(name: str, *, now: datetime) -> list[Made]:
    """*name* is one of ``RENEWABLE``: no other key can be replaced without a loss."""
    expect_both()
    renewed.renew(name, now=int(now.timestamp()))
    return [Made(name)]
