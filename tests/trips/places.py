"""A place with a screen, and what stands on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.test import APIClient

from accounts.models import Person, Place
from tests.trips.touches import CHECK_INS, Phone
from trips.models import CheckIn, Site
from trips.services.change_display import change_display
from trips.services.make_site import make_site
from trips.services.show_site_code import SiteCode, show_site_code


def screen_at(place: Place, *, by: Person, now: datetime, name: str = "로비") -> tuple[Site, str]:
    """A site and the token its screen was given."""
    site = make_site(place, name=name, by=by, now=now)
    return site, change_display(site, to="new", by=by, now=now)


def code_of(site: Site, *, at: datetime) -> SiteCode:
    return show_site_code(site, now=at)


def fetch(site: Site, token: str) -> Any:
    """What a screen asks; it is signed in to nothing."""
    return APIClient().get(f"/api/v1/site-codes/{site.uid}", headers={"x-display-token": token})


def add_code(phone: Phone, touch: CheckIn, text: str) -> Any:
    body = {"kind": "site-code", "text": text}
    return phone.api.post(f"{CHECK_INS}/{touch.uid}/items", body, format="json")
