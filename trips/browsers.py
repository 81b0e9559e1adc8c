"""Which browser a touch came from, so that one phone for several people is seen (security.md T7).

A random word in a cookie that no script reads. What is kept of it is a keyed hash.
"""

from __future__ import annotations

import re
from secrets import token_urlsafe
from typing import Protocol

from django.conf import settings
from django.http import HttpResponseBase

_WORD = re.compile(r"[A-Za-z0-9_-]{22}")
# As long as browsers keep any cookie.
_LIFE_S = 400 * 86_400


class Sent(Protocol):
    """A request of Django or of its REST framework."""

    @property
    def COOKIES(self) -> dict[str, str]: ...  # noqa: N802 -- the framework's name


def browser_of(request: Sent) -> str:
    """The word of this browser; empty where it has none, or one that is not ours."""
    said = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    return said if _WORD.fullmatch(said) else ""


def remember(request: Sent, answer: HttpResponseBase) -> None:
    """Give a browser its word once, and for longer each time it asks."""
    answer.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        browser_of(request) or token_urlsafe(16),
        max_age=_LIFE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
