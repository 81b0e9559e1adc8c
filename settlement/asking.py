"""Who asks at a door of this room, and from where."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.models import Person


def person_of(request: HttpRequest | Request) -> Person:
    """The signed-in person; a door that let nobody in has no other."""
    user: object = request.user
    if not isinstance(user, Person):
        raise NotAuthenticated
    return user


def address_of(request: HttpRequest | Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
