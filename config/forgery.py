"""A request of the API without the token against forged ones: it may be asked again with one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class Forged(PermissionDenied):
    default_code = "request.forged"
    default_detail = _("Please reload the page and try again.")


class CheckedSession(SessionAuthentication):
    def enforce_csrf(self, request: Request) -> None:
        """As the framework does, but told apart from a duty that is lacking."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as denied:
            raise Forged from denied


class CheckedSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """In the schema it is a session like any other."""

    target_class = "config.forgery.CheckedSession"
    priority = 0
