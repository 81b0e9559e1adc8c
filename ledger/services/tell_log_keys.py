"""The public halves of the log's own keys, as the signer alone can say them."""

from __future__ import annotations

from ledger.adapters.head_file import read_head
from ledger.signer import signers_trust


def tell_log_keys() -> str:
    """The log's two vkeys, one a line: for the key folder of those who do not sign."""
    return "".join(f"{key.vkey}\n" for key in signers_trust(read_head()).log)
