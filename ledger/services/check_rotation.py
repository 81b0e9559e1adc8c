"""Whether it is high time for a successor: said while everything still works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attest.keys import Use
from attest.values import KST
from vault import keyring

SOON = timedelta(days=14)


def check_rotation(*, now: datetime) -> str:
    """The day on which the first kind of key ends, if that is soon; else empty."""
    keys = keyring.sealing()
    spans = [
        *((key.use, key.window) for key in keys.sign),
        *((Use.OPEN, key.window) for key in keys.seal_to),
    ]
    last: dict[Use, int] = {}
    for use, window in spans:
        if window.withdrawn is None:
            last[use] = max(window.naf, last.get(use, 0))
    end = datetime.fromtimestamp(min(last.values()), UTC)
    if end - now > SOON:
        return ""
    return f"ok until {end.astimezone(KST):%Y-%m-%d}: run `manage.py keys rotate`"
