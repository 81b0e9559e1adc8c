"""Whether receipts and exports are signed by the keys that the log says."""

from __future__ import annotations

from attest.log.trust import PAPERS
from ledger.signer import trust
from vault.keyring import heirs


def check_papers() -> str:
    """What is wrong in one line; empty when nothing is. ``LogInconsistent`` as ``trust`` says."""
    known = trust()
    for role in PAPERS:
        if set(known.lineage(role).now) != {one.verifying for one in heirs.signers(role)}:
            return f"the {role} keys here are not those in use: an old backup?"
    return ""
