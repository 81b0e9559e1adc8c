"""The newest head is stamped by an authority on the network."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from attest.log.note import unsigned_text
from ledger.adapters.tsa import asked, query
from ledger.anchoring import head_now
from ledger.models import Anchor
from ledger.stamping import keep_stamp


def stamp_head(url: str, *, authority: Path, now: datetime) -> Anchor:
    """``OSError`` where it does not answer, ``NoteRefused`` where its token does not hold."""
    row = head_now(now)
    token = asked(url, query(unsigned_text(row.note)))
    return keep_stamp(token, size=row.size, authority=authority)
