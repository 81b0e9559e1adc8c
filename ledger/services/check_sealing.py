"""Whether a touch made now could be sealed: a window that ran out stops every one of them."""

from __future__ import annotations

from datetime import datetime

from attest.errors import KeysUnusable
from attest.keys import Use
from vault import keyring

_WHAT = {
    Use.CHECK_IN: "no key may seal touches now",
    Use.TRIP: "no key may seal whole trips now",
    Use.STATUS: "no key may sign a status list now",
}


def check_sealing(*, now: datetime) -> str:
    """What is wrong, in one line; empty when nothing is."""
    at = int(now.timestamp())
    for use, wrong in _WHAT.items():
        try:
            if use is Use.STATUS:
                keyring.status_signer(at=at)
            else:
                keyring.sealer(at=at, use=use)
        except KeysUnusable:
            return wrong
    return ""
