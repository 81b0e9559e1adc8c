"""The token by which a screen fetches the code of its site: made anew, or taken away."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction

from accounts.models import Person
from trips.equipping import changed, held
from trips.models import Site


@transaction.atomic
def change_display(site: Site, *, to: str, by: Person, now: datetime) -> str:
    """The new token, told this once; empty where *to* is ``revoked``. The one before is dead."""
    site = held(site)
    token = token_urlsafe(32) if to == "new" else ""
    site.display_digest = sha256(token.encode()).digest() if token else None
    changed(site, what=f"display-{to}", by=by, now=now)
    return token
