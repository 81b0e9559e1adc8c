"""Whether the record of a touch still stands in the log (ux.md §5.5)."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ledger.selectors import entry_of
from ledger.services.locate import locate
from trips.caller import caller_of
from trips.leaves import names_token
from trips.showing import own_touches


@require_GET
@login_required
def logged(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Looked up and proved at every visit: nothing of the answer is kept."""
    person, now = caller_of(request), timezone.now()
    touches = own_touches(person).annotate(logged=entry_of("token_leaf"))
    touch = get_object_or_404(touches, uid=uid)
    hashed = bytes(touch.leaf_hash)
    # The leaf may stand where it stood, and the row beside it say something else.
    same = names_token(vars(touch)["logged"] or b"", touch=touch, trip=touch.trip)
    found = locate(hashed, now=now) if same else None
    context = {
        "touch": touch,
        "place": f"{found.place:,}" if found else "",
        "size": f"{found.size:,}" if found else "",
        "leaf": hashed.hex(),
    }
    return render(request, "trips/logged.html", context)
