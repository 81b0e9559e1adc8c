"""Keys whose time is running out get a successor, known to all before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from attest.keys import LIFE_S, OVERLAP_S, Use
from ledger.keys import Made, made_of
from vault.keyring.book import TURNING, Book, Record, editing

DAY = 86_400
# A successor is published a week before it is used; and who rotates once a month, some days
# late, must never find a key that ended meanwhile.
PUBLISHED_S, MONTHLY_S = 7 * DAY, 38 * DAY


def rotate_keys(*, root: Path, now: datetime) -> list[Made]:
    """The new ones, none where none is due. *root* is asked for: it signs what changes."""
    at = int(now.timestamp())
    with editing(root) as book:
        book.drop_ended(now=at)
        return [made_of(record) for use in TURNING for record in _successors(book, use, at)]


def _successors(book: Book, use: Use, at: int) -> Iterator[Record]:
    newest = book.newest(use)
    if newest is None or newest["naf"] < at:
        # Nothing of this use is left: the next touch waits for it.
        yield book.add(use, nbf=at)
        return
    begins = newest["naf"] - OVERLAP_S
    if at >= begins - MONTHLY_S:
        nbf = max(at, min(newest["naf"], max(begins, at + PUBLISHED_S)))
        yield book.add(use, nbf=nbf, naf=nbf + LIFE_S[use])
