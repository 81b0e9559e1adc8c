"""The code a screen is to show now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from attest.site_code import STEP_S, digits_of, mac_of, site_key, step_at, text_of
from trips.models import Site
from vault import keyring


@dataclass(frozen=True, slots=True)
class SiteCode:
    """*left_ms* until the next one is due, by our clock, which says *now_ms*."""

    site: Site
    digits: str = field(repr=False)
    text: str = field(repr=False)
    left_ms: int
    now_ms: int


def show_site_code(site: Site, *, now: datetime) -> SiteCode:
    """The key stays here: a screen gets one code at a time."""
    uid, at_ms = site.uid.bytes, int(now.timestamp() * 1000)
    key, step = site_key(keyring.site_code_key(), uid), step_at(at_ms // 1000)
    return SiteCode(
        site,
        digits_of(mac_of(uid, step, key=key)),
        text_of(uid, step, key=key),
        (step + 1) * STEP_S * 1000 - at_ms,
        at_ms,
    )
