"""Whether the log has still to say who followed the keys under receipts and exports."""

from __future__ import annotations

from attest.log.trust import PAPERS
from vault.keyring import heirs


def unsaid_papers() -> str:
    """A rotation that came to a sudden end: everybody works on, auditors do not know yet."""
    begun = [role for role in PAPERS if heirs.handovers(role)]
    return f"run `manage.py keys renew {begun[0]}` again" if begun else ""
