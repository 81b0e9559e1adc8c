"""Whether the head kept outside the database and the log within it can both be true."""

from __future__ import annotations

from attest.errors import KeysAway, LogInconsistent, NoteRefused
from ledger.models import Head
from ledger.selectors import newest_checkpoint
from ledger.signer import kept_note, signed_before


def contradiction() -> str:
    """The same, but for a log that only waits to be signed: what no signature makes good."""
    head, checkpoint = Head.objects.first(), newest_checkpoint()
    size, published = head.size if head else 0, checkpoint.size if checkpoint else 0
    try:
        if published and not kept_note():
            return f"the head file is gone, {published} leaves were signed"
        kept = signed_before()
    except (KeysAway, LogInconsistent) as signer:
        return str(signer)
    except NoteRefused:
        return "the head file does not hold"
    if kept and kept.size > size:
        return f"{size} leaves here, {kept.size} signed before: an old database"
    if head and kept and kept.size == size and kept.root != bytes(head.root):
        return f"{size} leaves here are not the {size} that were signed"
    return ""
