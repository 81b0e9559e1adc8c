"""Whether every leaf got its place within the hour it was promised for."""

from __future__ import annotations

from datetime import datetime

from attest.log.leaf import time_text
from attest.log.proof import MERGED_WITHIN
from ledger.models import Outbox
from ledger.sequencer import soon


def check_promises(*, now: datetime) -> str:
    """Since when one waits too long; empty when none does.

    Where no worker gives places, those that a quiet server left waiting get theirs first.
    """
    soon()
    oldest = Outbox.objects.order_by("pk").first()
    if oldest is None or now <= oldest.at + MERGED_WITHIN:
        return ""
    return f"a leaf waits since {time_text(oldest.at)}"
