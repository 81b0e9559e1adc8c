"""A witness's line is kept beside the head it signs, once it holds."""

from __future__ import annotations

from attest.log.proof import Checkpoint as Signed
from ledger.witnessing import keep_line


def cosign(line: str) -> Signed:
    """The head that *line* cosigns; ``NoteRefused`` if it holds for none of the newest."""
    return keep_line(line)
