"""Whether letters go out: for the line of ``/readyz``."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Post

_LATE = timedelta(minutes=15)


def check_posts(*, now: datetime) -> str:
    """Empty, or what is wrong. It stops nobody's touch: messages stand in the product anyway."""
    faults = []
    if dead := Post.objects.filter(mail=Post.Mail.DEAD, at__gt=now - timedelta(days=30)).count():
        faults.append(f"{dead} letters given up in 30 days")
    late = Post.objects.filter(mail=Post.Mail.WAITING, due_at__lt=now - _LATE)
    if late.exists():
        faults.append("letters wait: is the worker running?")
    return ", ".join(faults)
