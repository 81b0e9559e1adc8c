"""A person opens one message."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Post


def read_post(post: Post, *, now: datetime) -> None:
    """Opened once is read; the first time stays."""
    Post.objects.filter(pk=post.pk, read_at=None).update(read_at=now)
