"""A question to a passkey, kept in the session: asked once, answered once, soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from accounts.passkeys import b64, unb64
from attest.errors import StepUpRefused

_LIFE = timedelta(minutes=5)


def ask(session: SessionBase, ceremony: str, challenge: bytes, *, now: datetime) -> None:
    session[_name(ceremony)] = {"challenge": b64(challenge), "at": now.timestamp()}


def asked(session: SessionBase, ceremony: str, *, now: datetime) -> bytes:
    """The challenge that was asked, and forget it; ``step-up.refused`` when none stands."""
    kept = session.pop(_name(ceremony), None)
    if kept is None or not 0 <= now.timestamp() - kept["at"] <= _LIFE.total_seconds():
        raise StepUpRefused("no question stands in this session")
    return unb64(kept["challenge"])


def _name(ceremony: str) -> str:
    return f"passkey-{ceremony}"
