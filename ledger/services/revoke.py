"""The id of a receipt that was withdrawn, or renewed, joins the status list with that deed."""

from __future__ import annotations

from datetime import datetime, timedelta

from attest.token import SKEW_S
from ledger.models import Revoked
from vault import keyring


def revoke(cti: bytes, *, issued_at: datetime) -> None:
    """It stays for as long as the receipt would be honoured without it."""
    life = max(key.window.max_age for key in keyring.sealing().sign)
    until = issued_at + timedelta(seconds=life + SKEW_S + 1)
    Revoked.objects.create(cti=cti, until=until)
