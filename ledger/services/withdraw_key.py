"""A key leaked: from that hour on nothing it signs is believed, and another one takes over."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from attest.keys import LETTERS
from ledger.keys import Made, made_of
from vault.keyring.book import TURNING, editing


def withdraw_key(kid: str, *, root: Path, since: datetime, now: datetime) -> list[Made]:
    """*kid* as it is known from now on, and its successor, in use at once.

    Receipts from before *since* stand. Of an opening key nothing can be taken back: what was
    sealed to it can be read by whoever has it; nothing more is sealed to it.
    """
    at = int(now.timestamp())
    with editing(root) as book:
        withdrawn = book.withdraw(kid, at=int(since.timestamp()))
        uses = [use for use in TURNING if LETTERS[use] == bytes.fromhex(kid)[:1]]
        return [made_of(withdrawn), *(made_of(book.add(use, nbf=at)) for use in uses)]
