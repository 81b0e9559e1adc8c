"""``/log/tile/entries/…``: what the leaves say, as C2SP entry bundles, for auditors."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page

from accounts.selectors import may_audit
from attest.log.tiles import parse_tile_path
from ledger.plain import LogView
from ledger.selectors import published_entries
from settlement.asking import person_of


@method_decorator(gzip_page, name="dispatch")
class EntriesView(LogView):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """No clear text stands in an entry, but who did how much when: so not for everybody."""
        if not self.witness and not may_audit(person_of(request), at=timezone.now()):
            return HttpResponse("role.lacking\n", status=403, content_type="text/plain")
        try:
            entries = published_entries(parse_tile_path(f"tile/entries/{name}"))
        except ValueError as wrong:
            raise Http404 from wrong
        if entries is None:
            raise Http404
        return self.bytes_of(entries)
