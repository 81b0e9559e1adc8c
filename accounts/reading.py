"""Who reads: the owner of the session, as it was read with it, or as Django finds them."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Person
from accounts.sessions import SessionStore


class ReaderMiddleware(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _reader_of(request))  # type: ignore[assignment]  # as Django's own does


def _reader_of(request: HttpRequest) -> Person | AnonymousUser:
    session = request.session
    if not isinstance(session, SessionStore):
        return auth.get_user(request)
    if owner := session.owner:
        return owner
    # It knows of older secrets, and ends what proves wrong.
    found = auth.get_user(request)
    if isinstance(found, Person):
        session.learn(found)
    return found
