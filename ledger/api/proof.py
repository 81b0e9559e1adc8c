"""``/log/proof`` and ``/log/checkpoint``: plain text, for anybody who is signed in."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from ledger.plain import LogView
from ledger.selectors import newest_checkpoint
from ledger.services.prove import prove
from ledger.services.sequence import sequence

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


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
