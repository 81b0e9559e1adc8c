"""The request a witness is shown: the newest head, and that it follows from what it saw."""

from __future__ import annotations

from datetime import datetime

from attest.log.note import unsigned_text
from attest.log.proof import AddCheckpoint
from ledger.selectors import newest_checkpoint
from ledger.sequencer import run, tree


def ask_witness(*, old: int, now: datetime) -> str | None:
    """A C2SP add-checkpoint body from *old* leaves on; none if there were never so many."""
    run(now=now)
    newest = newest_checkpoint()
    if newest is None or not 0 <= old <= newest.size:
        return None
    text = unsigned_text(newest.note)
    # Without other witnesses' lines: what is asked is about the log alone.
    lines = newest.note[len(text) + 1 :].splitlines(keepends=True)[:2]
    note = text + "\n" + "".join(lines)
    return AddCheckpoint(old, tuple(tree(newest.size).consistency(old)), note).text()
