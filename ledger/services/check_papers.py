"""Whether receipts and exports are signed by the keys that the log says."""

from __future__ import annotations

from ledger.services.rotate_papers import ROLES
from ledger.signer import trust
from vault.keyring import heirs


def check_papers() -> str:
    """What is wrong in one line; empty when nothing is. ``LogInconsistent`` as ``trust`` says."""
    known = trust()
    for role in ROLES:
        if set(known.lineage(role).now) != {one.verifying for one in heirs.signers(role)}:
            return f"the {role} keys here are not those in use: an old backup?"
    return ""


def unsaid_papers() -> str:
    """A rotation that came to a sudden end: everybody works on, auditors do not know yet."""
    begun = [role for role in ROLES if heirs.handovers(role)]
    return f"run `manage.py keys renew {begun[0]}` again" if begun else ""
