"""``/log/witness-request``: what an auditor carries to a witness, on a stick or a screen."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from accounts.selectors import may_audit
from attest.log.trust import read_number
from ledger.plain import LogView
from ledger.services.ask_witness import ask_witness
from settlement.asking import person_of


class WitnessRequestView(LogView):
    def get(self, request: HttpRequest) -> HttpResponse:
        """From ``old`` leaves to the newest head; 0 for a witness that has seen nothing."""
        if not self.witness and not may_audit(person_of(request), at=timezone.now()):
            return HttpResponse("role.lacking\n", status=403, content_type="text/plain")
        try:
            old = read_number(request.GET.get("old", "0"))
        except ValueError as wrong:
            raise Http404 from wrong
        if (asked := ask_witness(old=old, now=timezone.now())) is None:
            raise Http404
        return self.reply(asked)
