"""Somebody is about to do what needs a fresh signature: ask for it, over exactly this."""

from __future__ import annotations

from datetime import datetime
from secrets import token_bytes

from accounts.models import Person, StepUp


def ask_step_up(person: Person, *, action: str, batch_hash: bytes, now: datetime) -> StepUp:
    """A question that can be answered once, within five minutes (``accounts.step_up``)."""
    return StepUp.objects.create(
        person=person,
        action=action,
        batch_hash=batch_hash,
        nonce=token_bytes(32),
        issued_at=now,
    )
