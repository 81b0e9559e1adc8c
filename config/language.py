"""Which language: the person's setting, then their choice here, then the browser, then Korean."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.models import Person
from accounts.services.change_settings import change_settings

LanguageMiddleware = LocaleMiddleware


class OwnLanguageMiddleware:
    """After sign-in the person's own setting decides, on whatever machine they sit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own = getattr(request.user, "language", "")
        if own:
            translation.activate(own)
            request.LANGUAGE_CODE = own
        return self.get_response(request)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The switch at the foot of every page: for this browser, and for who is signed in."""
    wanted = request.POST.get("language", "")
    if isinstance(request.user, Person) and wanted in dict(settings.LANGUAGES):
        change_settings(request.user, language=wanted)
    return set_language(request)
