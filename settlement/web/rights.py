"""Who may open the pages of this room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import Person
from accounts.selectors import may_administer, may_settle_at_all
from settlement.asking import person_of

Rest = ParamSpec("Rest")
Page = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def clerk_only(page: Page[Rest]) -> Page[Rest]:
    """Strangers are asked to sign in; who is no clerk is told so."""
    return _only(may_settle_at_all, page)


def administrator_only(page: Page[Rest]) -> Page[Rest]:
    return _only(may_administer, page)


def worker_only(page: Page[Rest]) -> Page[Rest]:
    """Whoever may ask this room for work; each sees their own alone."""

    def may(person: Person, *, at: datetime) -> bool:
        return may_settle_at_all(person, at=at) or may_administer(person, at=at)

    return _only(may, page)


def _only(may: Callable[..., bool], page: Page[Rest]) -> Page[Rest]:
    @wraps(page)
    def guarded(
        request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponseBase:
        if not may(person_of(request), at=timezone.now()):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    return login_required(guarded)
