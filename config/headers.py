"""Headers every answer carries, beside those of Django and of the content policy."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_ALLOWED = (
    "geolocation",
    "camera",
    "publickey-credentials-get",
    "publickey-credentials-create",
    "accelerometer",
    "gyroscope",
)
_REFUSED = ("microphone", "payment", "usb", "midi", "serial", "hid", "display-capture")
PERMISSIONS = ", ".join(
    [f"{name}=(self)" for name in _ALLOWED] + [f"{name}=()" for name in _REFUSED]
)


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer.headers.setdefault("Permissions-Policy", PERMISSIONS)
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            # Nearly every page names a person; none may lie in a cache or a back button.
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
