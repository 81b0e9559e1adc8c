"""A key leaked: from that hour on nothing it signs is believed, and another one takes over."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from attest.keys import LETTERS, LIFE_S, Use
from ledger.keys import Made, made_of
from vault.keyring.book import TURNING, editing


def withdraw_key(kid: str, *, root: Path, since: datetime, now: datetime) -> list[Made]:
    """*kid* as it is known from now on, and its successor, in use at once.

    Receipts from before *since* stand. The window of a signing successor begins at *since*: what
    was signed after it can be issued anew with its own time. Of an opening key nothing can be
    taken back: what was sealed to it can be read by whoever has it; nothing more is sealed to it.
    """
    at, moment = int(now.timestamp()), int(since.timestamp())
    with editing(root) as book:
        made = [book.withdraw(kid, at=moment)]
        for use in TURNING:
            if LETTERS[use] == bytes.fromhex(kid)[:1]:
                nbf = at if use is Use.OPEN else moment
                made.append(book.add(use, nbf=nbf, naf=at + LIFE_S[use]))
        return [made_of(record) for record in made]
