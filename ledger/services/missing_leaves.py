"""Which leaves were signed and are not in this database."""

from __future__ import annotations

from ledger.models import Head
from ledger.signer import signed_before


def missing_leaves() -> tuple[int, int]:
    """[first, end): from how many there are up to how many the head file has seen."""
    head, kept = Head.objects.first(), signed_before()
    size = head.size if head else 0
    return size, max(size, kept.size if kept else 0)
