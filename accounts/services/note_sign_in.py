"""A session was opened: from now on it stands in its person's list, and can be ended there."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person, SignIn


def note_sign_in(
    person: Person, *, session_key: str, browser: bytes, words: str, now: datetime
) -> SignIn:
    """A key that was signed in with before is the newer sign-in's alone."""
    said = {"person": person, "browser": browser, "words": words, "at": now}
    row, _new = SignIn.objects.update_or_create(session_id=session_key, defaults=said)
    return row
