"""The public halves an auditor believes, in one file (log.md §2)."""

from __future__ import annotations

from ledger.signer import trust


def tell_trust() -> str:
    return trust().text()
