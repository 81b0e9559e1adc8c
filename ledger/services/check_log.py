"""The log is asked how it stands: by itself, and beside the head that lies outside the database."""

from __future__ import annotations

from ledger.contradiction import contradiction
from ledger.models import Head
from ledger.selectors import newest_checkpoint


def check_log() -> str:
    """What is wrong with the log, in one line that names both sizes; empty when nothing is."""
    if fault := contradiction():
        return fault
    head, checkpoint = Head.objects.first(), newest_checkpoint()
    size, published = head.size if head else 0, checkpoint.size if checkpoint else 0
    return f"{size} leaves, {published} signed" if published < size else ""
