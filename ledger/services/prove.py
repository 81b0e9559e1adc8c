"""A leaf is shown to stand in the log, as a file anybody can check (tlog-proof)."""

from __future__ import annotations

from datetime import datetime

from attest.log.proof import TlogProof
from ledger.selectors import newest_checkpoint, published_leaf
from ledger.sequencer import run, tree


def prove(leaf_hash: bytes, *, now: datetime) -> str | None:
    """The tlog-proof of *leaf_hash* under the newest checkpoint; none if it has no such leaf."""
    run(now=now)
    checkpoint = newest_checkpoint()
    leaf = published_leaf(leaf_hash, size=checkpoint.size) if checkpoint else None
    if checkpoint is None or leaf is None:
        return None
    hashes = tree(checkpoint.size).inclusion(leaf.index)
    return TlogProof(leaf.index, tuple(hashes), checkpoint.note).text()
