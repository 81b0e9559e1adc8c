"""An administrator gives somebody a first password, to be seen once."""

from __future__ import annotations

from datetime import datetime
from secrets import choice

from django.db import transaction

from accounts.leaves import password_issued
from accounts.models import Person, Post
from accounts.posting import post
from ledger.services.append import append

# Without the letters people mistake for each other: it is read off a screen or a paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@transaction.atomic
def issue_password(person: Person, *, by: Person | None, now: datetime) -> str:
    """Set a new password and return it; it is kept nowhere else. Seventy-nine bits of chance."""
    groups = ("".join(choice(_LETTERS) for _ in range(4)) for _ in range(4))
    text = "-".join(groups)
    person.set_password(text)
    person.save(update_fields=["password"])
    leaf = append(event=password_issued(person, actor=by), at=now, subject=person.ref)
    name = f"password:{leaf.hash.hex()[:32]}"
    post(person, kind=Post.Kind.ACCOUNT, dedupe=name, now=now)
    return text
