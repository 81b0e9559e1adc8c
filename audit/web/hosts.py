"""``/audit/hosts/``: whose visits one host confirms again and again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.doors import AuditorView, address_of
from audit.hosting import FEWEST, pairs_for


class HostsView(AuditorView):
    def get(self, request: HttpRequest) -> HttpResponse:
        pairs = pairs_for(self.auditor, address=address_of(request), now=timezone.now())
        return render(request, "audit/hosts.html", {"pairs": pairs, "fewest": FEWEST})
