"""Whether this session has seen its person's passkey: at the door, or as it was made."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import Person

PASSKEY, PASSWORD = "passkey", "password"
_SHOWN = "passkey-shown"


def passkey_shown(session: SessionBase, *, person: Person) -> None:
    session[_SHOWN] = str(person.uid)


def signed_in_by(session: SessionBase, *, person: Person) -> str:
    """``passkey``, or ``password`` for any other way in."""
    return PASSKEY if session.get(_SHOWN) == str(person.uid) else PASSWORD
