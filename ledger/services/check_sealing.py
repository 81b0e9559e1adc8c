"""Whether a touch made now could be sealed: a window that ran out stops every one of them."""

from __future__ import annotations

from datetime import datetime

from attest.errors import KeysUnusable
from attest.keys import SealingKey, Use
from vault import keyring

# Whoever signs can be asked to; this is no part of any receipt or document.
_PROBE = b"TripSeal: does this key sign?"
_WHAT = {
    Use.CHECK_IN: "no key may seal touches now",
    Use.TRIP: "no key may seal whole trips now",
    Use.STATUS: "no key may sign a status list now",
}


def check_sealing(*, now: datetime) -> str:
    """What is wrong, in one line; empty when nothing is. KeysAway where a module is gone."""
    at = int(now.timestamp())
    for use, wrong in _WHAT.items():
        try:
            _signer(use, at).sign(_PROBE)
        except KeysUnusable:
            return wrong
    return ""


def _signer(use: Use, at: int) -> SealingKey:
    if use is Use.STATUS:
        return keyring.status_signer(at=at)
    return keyring.sealer(at=at, use=use).signer
