"""A time stamp over a head is kept, once it holds."""

from __future__ import annotations

from pathlib import Path

from ledger.models import Anchor
from ledger.stamping import keep_stamp


def keep_anchor(token: bytes, *, size: int, authority: Path) -> Anchor:
    """``NoteRefused`` for a token over anything else, or by anybody else."""
    return keep_stamp(token, size=size, authority=authority)
