"""The newest head, as a time-stamp authority is asked to stamp it."""

from __future__ import annotations

from datetime import datetime

from attest.errors import LogInconsistent
from attest.log.note import unsigned_text
from ledger.adapters.tsa import query
from ledger.selectors import newest_checkpoint
from ledger.sequencer import run


def ask_stamp(*, now: datetime) -> tuple[int, bytes]:
    """How many leaves it covers, and the request."""
    run(now=now)
    if (newest := newest_checkpoint()) is None:
        raise LogInconsistent("there is no head to stamp yet")
    return newest.size, query(unsigned_text(newest.note))
