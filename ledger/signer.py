"""The signer is witness number zero: it signs a head only when it follows from the last one.

It refuses a smaller size, another root at the same size, a consistency proof that does not
hold, a clock behind its last signature, and to start over when its head file is gone while
checkpoints exist (log.md §5).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from attest.errors import LogInconsistent, ProofRefused
from attest.log.merkle import verify_consistency
from attest.log.note import SigningKey, sign_note
from attest.log.proof import Checkpoint, Trust, open_checkpoint
from attest.log.tiles import Tree
from ledger import models
from ledger.adapters.head_file import read_head, write_head
from vault import keyring

BEHIND = timedelta(seconds=2)


def trust() -> Trust:
    """The log's own public keys: all of them must have signed. What auditors are given."""
    return Trust(
        log=tuple(signer.verifying for signer in keyring.log_signers()),
        receipt=tuple(signer.verifying for signer in keyring.receipt_signers()),
        export=(keyring.export_signer().verifying,),
    )


def exporter() -> SigningKey:
    """Who signs a bundle for auditors."""
    return keyring.export_signer()


def signed_before() -> Checkpoint | None:
    """The checkpoint of the head file, its signatures checked; none before the first."""
    before = read_head()
    return open_checkpoint(before, trust()) if before else None


def publish(tree: Tree, *, origin: str, root: bytes, now: datetime) -> None:
    """Sign the head of *tree*, keep it outside the database, then show it."""
    before = signed_before()
    last = models.Checkpoint.objects.order_by("-size").first()
    if last and before is None:
        raise LogInconsistent("the head file is gone while checkpoints exist")
    if last and now < last.signed_at - BEHIND:
        raise LogInconsistent("the clock stands behind the last signature")
    checkpoint = Checkpoint(origin, tree.size, root)
    if before:
        _follows(before, checkpoint, tree)
    note = sign_note(checkpoint.text(), keyring.log_signers())
    write_head(note)
    models.Checkpoint.objects.get_or_create(
        size=tree.size, defaults={"root": root, "note": note, "signed_at": now}
    )


def _follows(before: Checkpoint, after: Checkpoint, tree: Tree) -> None:
    if after.origin != before.origin or after.size < before.size:
        raise LogInconsistent(f"the log went from {before.size} to {after.size} leaves")
    try:
        verify_consistency(
            old=before.size,
            new=after.size,
            old_root=before.root,
            new_root=after.root,
            proof=tree.consistency(before.size),
        )
    except ProofRefused as wrong:
        raise LogInconsistent(f"{after.size} leaves do not follow from {before.size}") from wrong
