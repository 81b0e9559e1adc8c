"""A time stamp over a head: asked for, judged by openssl, and kept once it holds."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from attest.errors import NoteRefused
from attest.log.note import unsigned_text
from ledger.adapters.tsa import stamped_at
from ledger.models import Anchor, Checkpoint


def keep_stamp(token: bytes, *, size: int, authority: Path) -> Anchor:
    """``NoteRefused`` for a token over anything else, or by anybody else."""
    row = Checkpoint.objects.filter(size=size).first()
    text = unsigned_text(row.note) if row else ""
    at = stamped_at(token, text, authority=authority)
    if row is None or at is None:
        raise NoteRefused("bad_signature")
    kept, _ = Anchor.objects.get_or_create(
        size=size,
        kind=Anchor.Kind.STAMP,
        digest=sha256(token).digest(),
        defaults={"blob": token, "at": at},
    )
    return kept
