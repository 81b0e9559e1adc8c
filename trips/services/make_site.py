"""An administrator says that a place has a screen, a printed code or tags."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person, Place
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from trips.models import Site


@transaction.atomic
def make_site(place: Place, *, name: str, by: Person, now: datetime) -> Site:
    """The same name again is the same site. Nothing counts there before it has a code."""
    site, new = Site.objects.get_or_create(
        place=place, name=name.strip(), defaults={"made_by": by, "made_at": now}
    )
    if new:
        event = ConfigChanged(subject="setting", name=f"site-{site.uid}", who={"actor": by.ref})
        append(event=event, at=now, subject=by.ref)
    return site
