"""The secret of a site's printed code: made anew, or taken away."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

from django.db import transaction

from accounts.models import Person
from attest.site_code import PRINTED_BYTES, printed_text
from trips.equipping import changed, held
from trips.models import Site


@transaction.atomic
def change_printed(site: Site, *, to: str, by: Person, now: datetime) -> str:
    """The text to print, told this once; empty where *to* is ``revoked``. Older paper is dead."""
    site = held(site)
    secret = token_bytes(PRINTED_BYTES) if to == "new" else b""
    site.printed_digest = sha256(secret).digest() if secret else None
    changed(site, what=f"printed-{to}", by=by, now=now)
    return printed_text(site.uid.bytes, secret) if secret else ""
