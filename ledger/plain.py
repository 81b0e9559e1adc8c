"""What the addresses of the log have in common: plain answers, for programs as for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views import View

from ledger.models import Witness
from ledger.selectors import witness_of

FOR_EVER = "private, max-age=31536000, immutable"


class LogView(View):
    """*witness*: who showed the token of one; none where a person asks."""

    witness: Witness | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **said: Any) -> HttpResponseBase:
        """For programs: who is not signed in is told so, and led to no page."""
        self.witness = shown_by(request)
        if self.witness is None and not request.user.is_authenticated:
            return HttpResponse("session.over\n", status=401, content_type="text/plain")
        return super().dispatch(request, *args, **said)

    def reply(self, text: str) -> HttpResponse:
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    def bytes_of(self, raw: bytes) -> HttpResponse:
        """What never changes again: a longer tile has another name."""
        answer = HttpResponse(raw, content_type="application/octet-stream")
        answer.headers["Cache-Control"] = FOR_EVER
        return answer


def shown_by(request: HttpRequest) -> Witness | None:
    """The witness whose token stands in the request."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return witness_of(token.strip()) if kind == "Bearer" else None
