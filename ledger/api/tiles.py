"""``/log/tile/…``: the hashes of the tree as C2SP tlog-tiles, for anybody who is signed in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from attest.log.tiles import parse_tile_path
from ledger.plain import LogView
from ledger.selectors import published_tile


class TileView(LogView):
    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Nothing beyond the newest checkpoint, and each tile under its one name."""
        del request
        try:
            tile = published_tile(parse_tile_path(f"tile/{name}"))
        except ValueError as wrong:
            raise Http404 from wrong
        if tile is None:
            raise Http404
        return self.bytes_of(tile)
