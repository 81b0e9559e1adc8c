"""``/log/proof`` and ``/log/checkpoint``: plain text, for anybody who is signed in."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views import View

from ledger.selectors import newest_checkpoint
from ledger.services.prove import prove
from ledger.services.sequence import sequence

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class LogView(View):
    def dispatch(self, request: HttpRequest, *args: Any, **said: Any) -> HttpResponseBase:
        """For programs: who is not signed in is told so, and led to no page."""
        if not request.user.is_authenticated:
            return HttpResponse("session.over\n", status=401, content_type="text/plain")
        return super().dispatch(request, *args, **said)

    def reply(self, text: str) -> HttpResponse:
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        answer.headers["Cache-Control"] = "no-cache"
        return answer


class CheckpointView(LogView):
    def get(self, request: HttpRequest) -> HttpResponse:
        """The newest one: what waited in the outbox is in it."""
        del request
        sequence(now=timezone.now())
        if (checkpoint := newest_checkpoint()) is None:
            raise Http404
        return self.reply(checkpoint.note)


class ProofView(LogView):
    def get(self, request: HttpRequest) -> HttpResponse:
        """For who knows the hash of a leaf: that it stands in the log."""
        asked = request.GET.get("leaf", "")
        if not _HASH.fullmatch(asked):
            raise Http404
        if (proof := prove(bytes.fromhex(asked), now=timezone.now())) is None:
            raise Http404
        return self.reply(proof)
