"""Every key that can have a successor gets it at once: after a leak, and in the drill."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ledger.keys import Made, made_of
from vault.keyring import renewed
from vault.keyring.book import TURNING, editing


def replace_keys(*, root: Path, now: datetime) -> list[Made]:
    """The new ones, in use from now on; what the old ones sealed stays good.

    Nobody away from this server knows them before they fetch the next KeySet.
    """
    at = int(now.timestamp())
    with editing(root) as book:
        book.drop_ended(now=at)
        made = [made_of(book.add(use, nbf=at)) for use in TURNING]
    for name in renewed.STAYS_S:
        renewed.renew(name, now=at)
        made.append(Made(name))
    return made
