"""Who asks, at every door of this room."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.core.exceptions import PermissionDenied

from accounts.models import Person
from accounts.selectors import may_administer, may_travel


class Asking(Protocol):
    """A request of Django or of its REST framework."""

    @property
    def user(self) -> object: ...


def caller_of(request: Asking) -> Person:
    """The person signed in. The doors turn everybody else away before; this only makes sure."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def traveller_of(request: Asking, *, at: datetime) -> Person:
    """Somebody who may travel; else a plain no."""
    person = caller_of(request)
    if not may_travel(person, at=at):
        raise PermissionDenied
    return person


def administrator_of(request: Asking, *, at: datetime) -> Person:
    person = caller_of(request)
    if not may_administer(person, at=at):
        raise PermissionDenied
    return person
