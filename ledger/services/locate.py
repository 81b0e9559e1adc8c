"""Where a leaf stands in the log, shown by a proof that was checked."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from attest.errors import LogInconsistent, NoteRefused, ProofRefused
from attest.log.proof import TlogProof, verify_proof
from ledger.selectors import newest_checkpoint, published_leaf
from ledger.sequencer import run, tree
from ledger.signer import trust

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Located:
    """*place* counts from one, in a log of *size* leaves."""

    place: int
    size: int


def locate(leaf_hash: bytes, *, now: datetime) -> Located | None:
    """None where the log does not show it: for a leaf that was promised, an alarm."""
    try:
        run(now=now)
        return _located(leaf_hash)
    except (LogInconsistent, NoteRefused, ProofRefused):
        logger.exception("a promise of the log is not kept: leaf %s", leaf_hash.hex())
        return None


def _located(leaf_hash: bytes) -> Located:
    checkpoint = newest_checkpoint()
    leaf = published_leaf(leaf_hash, size=checkpoint.size) if checkpoint else None
    if checkpoint is None or leaf is None:
        raise ProofRefused("no such leaf")
    hashes = tree(checkpoint.size).inclusion(leaf.index)
    proof = TlogProof(leaf.index, tuple(hashes), checkpoint.note)
    shown, _ = verify_proof(proof, leaf_hash, trust())
    return Located(leaf.index + 1, shown.size)
