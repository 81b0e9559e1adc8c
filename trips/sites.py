"""Reads of sites: by a screen that shows its token, and by who administers them."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.models import Person
from accounts.selectors import may_administer
from trips.models import NfcTag, Site


def site_shown_on(uid: UUID, *, token: str) -> Site | None:
    """The site, if *token* is its screen's; none says nothing about which of the two is wrong."""
    site = Site.objects.select_related("place").filter(uid=uid).first()
    known = bytes(site.display_digest or b"") if site else b""
    same = hmac.compare_digest(sha256(token.encode()).digest(), known)
    return site if same else None


def sites_administered_by(caller: Person, *, at: datetime) -> QuerySet[Site]:
    """Those of the office, for its administrators; nobody's for anybody else."""
    tags = Prefetch("tags", NfcTag.objects.filter(revoked_at=None).order_by("pk"))
    sites = Site.objects.filter(place__organisation=caller.organisation_id)
    sites = sites.select_related("place__organisation").prefetch_related(tags)
    ordered = sites.order_by("place__name", "name")
    return ordered if may_administer(caller, at=at) else ordered.none()
