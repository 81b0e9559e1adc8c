"""The public halves an auditor believes, in one file (log.md §2)."""

from __future__ import annotations

from ledger.signer import signers_trust, trust


def tell_trust() -> str:
    return trust().text()


def tell_log_keys() -> str:
    """The log's two vkeys, one a line: for the key folder of those who do not sign."""
    return "".join(f"{key.vkey}\n" for key in signers_trust().log)
