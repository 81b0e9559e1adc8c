"""An administrator hangs a tag on the wall of a site."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.models import Person
from attest.errors import SiteCodeRefused
from trips.equipping import changed, held
from trips.models import NfcTag, Site
from trips.site_reading import chip_index
from vault import keyring
from vault.ids import uuid7
from vault.sealed import KeyName, seal


@transaction.atomic
def register_tag(site: Site, *, chip: bytes, batch: str, by: Person, now: datetime) -> NfcTag:
    """A chip hangs in one place. Known already, it moves here; its counter never falls."""
    try:
        keyring.tag_keys(batch)
    except ImproperlyConfigured as missing:
        raise SiteCodeRefused("batch") from missing
    site = held(site)
    uid = uuid7()
    key = KeyName(site.place.organisation.ref, "-", "loc")
    made = {
        "uid": uid,
        "chip": seal(chip, key=key, table="trips_nfctag", row=uid, field="chip"),
        "registered_by": by,
        "registered_at": now,
    }
    known = NfcTag.objects.select_for_update().filter(chip_index=chip_index(chip)).first()
    if known is None:
        known = NfcTag(chip_index=chip_index(chip), **made)
    left = held(known.site) if known.site_id not in {None, site.pk} else None
    known.site, known.batch, known.revoked_at = site, batch, None
    known.save()
    if left:
        # Where it hung before, there may be nothing to read any more.
        changed(left, what=f"tag-{known.uid}-moved", by=by, now=now)
    changed(site, what=f"tag-{known.uid}", by=by, now=now)
    return known
