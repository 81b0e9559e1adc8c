"""What the deeds on a site share: its row held, its leaf, and what its place offers."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from accounts.models import Person, Place
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from trips.models import NfcTag, Site


def held(site: Site) -> Site:
    return Site.objects.select_for_update(of=("self",)).select_related("place").get(pk=site.pk)


def changed(site: Site, *, what: str, by: Person, now: datetime) -> None:
    """*site* is saved, the log hears *what*, and its place says whether codes can be read there."""
    site.save(update_fields=["display_digest", "printed_digest"])
    name = f"site-{site.uid}-{what}"
    append(
        event=ConfigChanged(subject="setting", name=name, who={"actor": by.ref}),
        at=now,
        subject=by.ref,
    )
    tags = NfcTag.objects.filter(site=OuterRef("pk"), revoked_at=None)
    live = Site.objects.filter(place=site.place_id)
    live = live.filter(Q(display_digest__isnull=False) | Exists(tags))
    Place.objects.filter(pk=site.place_id).update(site_equipped=live.exists())
