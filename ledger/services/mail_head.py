"""The newest head goes out by mail, to somebody who keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attest.log.note import unsigned_text
from attest.log.proof import Checkpoint as Signed
from ledger.adapters.letter import mail
from ledger.anchoring import head_now, remember_copy
from ledger.models import Anchor


def mail_head(to: Sequence[str], *, now: datetime) -> int:
    """How many leaves it covers; ``OSError`` where the letter was not taken."""
    row = head_now(now)
    origin = Signed.parse(unsigned_text(row.note)).origin
    mail(row.note, to=to, origin=origin, size=row.size)
    remember_copy(row, kind=Anchor.Kind.MAIL, where=", ".join(to), at=now)
    return row.size
