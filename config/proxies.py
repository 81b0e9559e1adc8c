"""Who asked, where proxies stand before us: the diary names the reader, not the proxy."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse


class ProxyMiddleware:
    """Each of ``TRIPSEAL_PROXIES`` proxies adds at the right whom it heard from.

    What stands further left is the asker's own word, and is not believed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.PROXIES:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        heard = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(heard) >= settings.PROXIES and heard[-settings.PROXIES]:
            request.META["REMOTE_ADDR"] = heard[-settings.PROXIES][:45]
        return self.get_response(request)
