"""``/log/cosignatures``: a witness hands its line in, by its token."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from attest.errors import KeysUnusable, NoteRefused
from ledger.plain import LogView
from ledger.services.cosign import cosign

_MOST_LINES, _MOST_BYTES = 16, 16_384


# No cookie opens this door, so no other site can push anybody through it.
@method_decorator(csrf_exempt, name="dispatch")
class CosignaturesView(LogView):
    def post(self, request: HttpRequest) -> HttpResponse:
        """One line or several, each kept only once it holds; the sizes they sign come back."""
        if self.witness is None:
            return _refused("role.lacking", 403)
        try:
            lines = request.read(_MOST_BYTES + 1).decode().splitlines()
        except UnicodeDecodeError:
            return _refused("note.malformed", 400)
        if not 0 < len(lines) <= _MOST_LINES:
            return _refused("note.malformed", 400)
        try:
            sizes = [cosign(line).size for line in lines]
        except (KeysUnusable, NoteRefused):
            return _refused("note.bad_signature", 422)
        return self.reply("".join(f"{size}\n" for size in sizes))


def _refused(code: str, status: int) -> HttpResponse:
    return HttpResponse(f"{code}\n", status=status, content_type="text/plain")
