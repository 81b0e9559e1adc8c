"""Which browser a request came from.

It shows one phone used by several people (security.md T7), and a sign-in from a browser that
its person never used. A random word in a cookie that no script reads. What is kept of it is a
keyed hash.
"""

from __future__ import annotations

import re
from secrets import token_urlsafe
from typing import Protocol

from django.conf import settings
from django.http import HttpResponseBase

from vault.sealed import blind_index

_WORD = re.compile(r"[A-Za-z0-9_-]{22}")
# As long as browsers keep any cookie.
LIFE_DAYS = 400


class Sent(Protocol):
    """A request of Django or of its REST framework."""

    @property
    def COOKIES(self) -> dict[str, str]: ...  # noqa: N802 -- the framework's name


def browser_of(request: Sent) -> str:
    """The word of this browser; empty where it has none, or one that is not ours."""
    said = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    return said if _WORD.fullmatch(said) else ""


def named(request: Sent) -> str:
    """The word of this browser, or a new one for it: whoever asks hands it to ``remember``."""
    return browser_of(request) or token_urlsafe(16)


def remember(word: str, answer: HttpResponseBase) -> None:
    """Let a browser keep its *word*, for longer each time it asks."""
    answer.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        word,
        max_age=LIFE_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def mark_of(word: str) -> bytes:
    """What is kept of *word*: equal for one browser, and nothing without the key."""
    return blind_index("browser", word)
