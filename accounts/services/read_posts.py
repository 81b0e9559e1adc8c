"""A person has seen the list."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person, Post


def read_posts(person: Person, *, upto: int, now: datetime) -> None:
    """Those up to the row *upto*, which was shown: what came in meanwhile stays new."""
    Post.objects.filter(person=person, read_at=None, pk__lte=upto).update(read_at=now)
