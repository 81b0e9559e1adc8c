"""Who may stand on a page of this room."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Person
from accounts.selectors import may_administer

Page = Callable[..., HttpResponse]


def caller_of(request: HttpRequest) -> Person:
    """Who is signed in; the decorators let nobody else as far as here."""
    return cast(Person, request.user)


def administrators_only(page: Page) -> Page:
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_administer(caller_of(request), at=timezone.now()):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    return login_required(guarded)
