"""A witness is given a token of its own: to read the log, and to hand in its lines."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe

from attest.errors import KeysUnusable
from ledger.models import Witness


def let_in(name: str) -> str:
    """The token, shown this once; an earlier one ends."""
    token = token_urlsafe(32)
    digest = sha256(token.encode()).digest()
    if not Witness.objects.filter(name=name, active=True).update(token=digest):
        raise KeysUnusable(f"{name}: no such witness is named")
    return token
