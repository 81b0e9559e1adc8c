"""Somebody hands in a person's touches: the log and the person hear of it, before any is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Post
from accounts.posting import post
from attest.log.leaf import ConfigChanged
from ledger.services.append import append


@transaction.atomic
def note_hand_in(person: Person, *, by: Person, digest: bytes, now: datetime) -> None:
    """*digest* is that of the file: handed in twice it is told once."""
    who = {"actor": by.ref, "person": person.ref}
    event = ConfigChanged(subject="device", name="handed-in", sha256=digest, who=who)
    append(event=event, at=now, subject=person.ref)
    name = f"handed-in:{person.pk}:{digest.hex()[:32]}"
    post(person, kind=Post.Kind.HANDED_IN, dedupe=name, now=now)
