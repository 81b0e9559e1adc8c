"""What a code of a place shows about a touch: whose it is, and how fresh (evidence.md §2.4)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Place
from attest import nfc_tag
from attest.errors import SiteCodeRefused
from attest.nfc_tag import TagKeys
from attest.site_code import (
    Printed,
    Shown,
    Typed,
    holds,
    read,
    site_key,
    step_at,
    step_of,
)
from trips.models import NfcTag, Site, Trip, TripStop
from trips.weighing import weights
from vault.sealed import blind_index

# As many screens as typed digits are compared with.
_MOST = 20
_FARTHEST = 1_000_000


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """What codes are checked with: those of a moment; those of tags are fetched for a tag alone."""

    codes: Callable[[datetime], Sequence[bytes]] = field(repr=False)
    tags: Callable[[], Mapping[str, TagKeys]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """A code that is the place's own, in the words of the facts."""

    site: Site
    facts: dict[str, Any]


def seen(text: str, *, trip: Trip, keys: SiteKeys, at: datetime) -> Seen:
    """What *text* shows at *at*; ``site-code.…`` where it shows nothing about *trip*.

    Called inside a transaction: a tag's counter moves with the deed it belongs to.
    """
    if nfc_tag.is_tag(text):
        return _tapped(text, trip, keys)
    step = step_at(int(at.timestamp()))
    match read(text):
        case Shown() as shown:
            site = _site(shown.site)
            own = [site_key(key, shown.site) for key in keys.codes(at)]
            if not any(holds(shown, key=key) for key in own):
                raise SiteCodeRefused("wrong")
            return _here(trip, site, _rotating(shown.step - step))
        case Printed() as printed:
            site = _site(printed.site)
            known = bytes(site.printed_digest or b"")
            if not hmac.compare_digest(sha256(printed.secret).digest(), known):
                raise SiteCodeRefused("wrong")
            return _here(trip, site, {"kind": "printed"})
        case Typed() as typed:
            return _typed(typed, trip, keys.codes(at), step)


def better(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """Which of two readings counts: a live one over a stale one, that over a printed one."""
    return after if before is None or _rank(after) >= _rank(before) else before


def is_live(facts: Mapping[str, Any]) -> bool:
    if facts["kind"] == "nfc":
        return bool(facts.get("counter_fresh", True))
    off = abs(facts.get("steps_off", 0))
    return bool(facts["kind"] == "rotating" and off <= weights().limits.site_steps)


def is_of(trip: Trip, place: Place) -> bool:
    """Whether *trip* leads to *place*; one without any place leads anywhere."""
    stops = list(trip.stops.all())
    return not stops or any(_meets(stop, place) for stop in stops)


def sites_of(trip: Trip) -> list[Site]:
    """The screens where *trip* leads, as many as are ever compared."""
    near = [site for site in _near(trip)[: 5 * _MOST] if is_of(trip, site.place)]
    return near[:_MOST]


def chip_index(chip: bytes) -> bytes:
    """Finds a tag by the number of its chip."""
    return blind_index("nfc-chip", chip.hex())


def _rank(facts: Mapping[str, Any]) -> int:
    if is_live(facts):
        return 2
    return 0 if facts["kind"] == "printed" else 1


def _rotating(steps_off: int) -> dict[str, Any]:
    return {"kind": "rotating", "steps_off": max(-_FARTHEST, min(_FARTHEST, steps_off))}


def _site(uid: bytes) -> Site:
    found = Site.objects.select_related("place").filter(uid=UUID(bytes=uid)).first()
    if found is None:
        raise SiteCodeRefused("wrong")
    return found


def _here(trip: Trip, site: Site, facts: dict[str, Any]) -> Seen:
    if not is_of(trip, site.place):
        raise SiteCodeRefused("elsewhere")
    return Seen(site, facts)


def _meets(stop: TripStop, place: Place) -> bool:
    if stop.place is None:
        return stop.unit == place.unit
    if stop.place_id == place.pk:
        return True
    if stop.place.organisation_id != place.organisation_id:
        # Two offices name one town hall each in their own way.
        return stop.unit == place.unit
    return bool(place.compound) and stop.place.compound == place.compound


def _near(trip: Trip) -> QuerySet[Site]:
    screens = Site.objects.exclude(display_digest=None).select_related("place").order_by("pk")
    stops = list(trip.stops.all())
    if not stops:
        return screens.filter(place__organisation=trip.traveller.organisation_id)
    compounds = [stop.place.compound for stop in stops if stop.place and stop.place.compound]
    return screens.filter(
        Q(place__in=[stop.place_id for stop in stops if stop.place_id])
        | Q(place__unit__in=[stop.unit for stop in stops])
        | Q(place__compound__in=compounds)
    )


def _typed(typed: Typed, trip: Trip, keys: Sequence[bytes], step: int) -> Seen:
    found: list[tuple[int, Site]] = []
    for site in sites_of(trip):
        uid = site.uid.bytes
        for key in keys:
            shown = step_of(typed, site=uid, key=site_key(key, uid), at_step=step)
            if shown is not None:
                found.append((shown - step, site))
    if not found:
        raise SiteCodeRefused("wrong")
    off, site = min(found, key=lambda one: (abs(one[0]), one[1].pk))
    return Seen(site, _rotating(off))


def _tapped(text: str, trip: Trip, keys: SiteKeys) -> Seen:
    for batch, pair in keys.tags().items():
        try:
            tapped = nfc_tag.read(text, keys=pair)
        except SiteCodeRefused:
            continue
        known = NfcTag.objects.select_for_update(of=("self",)).select_related("site__place")
        tag = known.filter(chip_index=chip_index(tapped.uid), batch=batch).first()
        if tag is None or tag.revoked_at is not None:
            break
        shown = _here(
            trip, tag.site, {"kind": "nfc", "counter_fresh": tapped.counter > tag.counter}
        )
        if tapped.counter > tag.counter:
            tag.counter = tapped.counter
            tag.save(update_fields=["counter"])
        return shown
    raise SiteCodeRefused("wrong")
