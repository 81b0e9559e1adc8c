"""The code of a place, read after the touch: the touch is weighed again with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours, SiteCodeRefused
from ledger.services.append import append
from trips import leaves
from trips.models import CheckIn, Item, SiteTry, State, Trip
from trips.reweighing import again, weigh_again
from trips.site_reading import Seen, SiteKeys, better, seen
from trips.touching import weighed_by
from trips.writing import locked
from vault import keyring
from vault.ids import uuid7
from vault.sealed import seal

MOST_WRONG = 5
REST = timedelta(minutes=10)
# Somebody without an order, or late, is at the place all the same.
_STAYS = timedelta(hours=1)
_OVER = {State.CANCELLED, State.VOIDED}


def add_site_code(touch: CheckIn, *, person: Person, text: str, now: datetime) -> CheckIn:
    """Good while the trip lasts. A wrong code is counted: after five there is a rest."""
    with transaction.atomic():
        trip = _held(touch, person, now)
        tries, _ = SiteTry.objects.get_or_create(check_in=touch)
        if tries.rests_until and now < tries.rests_until:
            raise SiteCodeRefused("resting")
        try:
            shown = seen(text, trip=trip, keys=_keys(), at=now)
        except SiteCodeRefused as no:
            if no.why != "wrong":
                raise
            refused = _counted(tries, now)
        else:
            _keep(touch, trip, shown, person, text, now)
            return touch
    # What was counted stays counted.
    raise refused


def _held(touch: CheckIn, person: Person, now: datetime) -> Trip:
    trip = locked(touch.trip)
    touch.refresh_from_db(fields=["withdrawn_at"])
    touch.trip = trip
    if trip.traveller_id != person.pk:
        raise NotYours("only the traveller reads a code for their touch")
    if trip.state in _OVER or touch.withdrawn_at is not None:
        raise MoveRefused("nothing is added to a touch that does not stand")
    if now > max(trip.ends_at, touch.recorded_at + _STAYS):
        raise SiteCodeRefused("over")
    return trip


def _counted(tries: SiteTry, now: datetime) -> SiteCodeRefused:
    tries.wrong += 1
    left = MOST_WRONG - tries.wrong
    if left <= 0:
        tries.wrong, tries.rests_until = 0, now + REST
    tries.save(update_fields=["wrong", "rests_until"])
    return SiteCodeRefused("wrong", left=left) if left > 0 else SiteCodeRefused("resting")


def _keep(
    touch: CheckIn, trip: Trip, shown: Seen, person: Person, text: str, now: datetime
) -> None:
    uid, words = uuid7(), shown.site.words.encode()
    key = trip.key("biz")
    Item.objects.create(
        uid=uid,
        trip=trip,
        check_in=touch,
        kind=Item.Kind.SITE_CODE,
        content=seal(words, key=key, table="trips_item", row=uid, field="content"),
        by=person,
        at=now,
    )
    site = better((weighed_by(touch) or {}).get("site"), shown.facts)
    judged = weigh_again(touch, now=now, site=site)
    new: dict[str, Any] = {
        "item": Item.Kind.SITE_CODE.value,
        "kind": shown.facts["kind"],
        "sha256": sha256(text.encode()).hexdigest(),
    } | again(judged)
    event = leaves.corrected(trip, actor=person.ref, reason="item", new=new, touch=touch)
    append(event=event, trip=trip.line, at=now)


def _keys() -> SiteKeys:
    return SiteKeys(keyring.site_code_keys, keyring.every_tag_key)
