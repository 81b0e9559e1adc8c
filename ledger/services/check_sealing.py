"""Whether a touch made now could be sealed: a window that ran out stops every one of them."""

from __future__ import annotations

from datetime import datetime

from attest.errors import KeysUnusable
from vault import keyring


def check_sealing(*, now: datetime) -> str:
    """What is wrong, in one line; empty when nothing is."""
    try:
        keyring.sealer(at=int(now.timestamp()))
    except KeysUnusable:
        return "no key may seal touches now"
    return ""
