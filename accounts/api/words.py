"""What several addresses of this room say alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.models import Person
from accounts.selectors import may_administer


def caller_of(request: Request) -> Person:
    """Who asks; the default permission lets nobody else as far as here."""
    return cast(Person, request.user)


def administrator(request: Request, *, at: datetime) -> Person:
    caller = caller_of(request)
    if not may_administer(caller, at=at):
        raise PermissionDenied(_("This is for administrators."))
    return caller


class RefusalReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
