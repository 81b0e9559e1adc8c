"""Log receipts whose leaf stands nowhere: what a restore lost, or somebody removed."""

from __future__ import annotations

from collections.abc import Iterable

from attest.errors import NoteRefused
from attest.log.proof import open_receipt
from ledger.models import Leaf, Outbox
from ledger.signer import trust


def unkept_promises(receipts: Iterable[tuple[str, str]]) -> list[str]:
    """Their names, with those that are none of ours."""
    found, keys = [], trust()
    for name, text in receipts:
        try:
            hashed = open_receipt(text, keys).leaf_hash
        except NoteRefused:
            found.append(f"{name}: not a receipt of this log")
            continue
        known = (Leaf.objects, Outbox.objects)
        if not any(rows.filter(leaf_hash=hashed).exists() for rows in known):
            found.append(f"{name}: its leaf is not here")
    return found
