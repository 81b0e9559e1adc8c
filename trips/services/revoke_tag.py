"""A tag that was lost, copied or taken down counts no more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from trips.equipping import changed, held
from trips.models import NfcTag


@transaction.atomic
def revoke_tag(tag: NfcTag, *, by: Person, now: datetime) -> NfcTag:
    site = held(tag.site)
    tag.revoked_at = now
    tag.save(update_fields=["revoked_at"])
    changed(site, what=f"tag-{tag.uid}-revoked", by=by, now=now)
    return tag
