"""Somebody says beforehand that several people use this phone on a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import Person, Post
from accounts.posting import post
from attest.errors import MoveRefused
from attest.log.leaf import ConfigChanged
from ledger.services.append import append
from trips.models import SharedPhone

# How far ahead, and how many people: a phone goes round in a group, not in an office.
AHEAD, MOST = timedelta(days=14), 20


@transaction.atomic
def declare_shared_phone(
    keeper: Person, *, browser: bytes, day: date, people: Collection[Person], now: datetime
) -> SharedPhone:
    """From now on, on *day*: a touch that was made before stays undeclared.

    It is said once for a phone and a day; whoever else keeps it says it for themself. Those named
    are told, for it is their name that is lent.
    """
    if not localdate(now) <= day <= localdate(now + AHEAD):
        raise MoveRefused("a phone is declared for today or the next fourteen days")
    others = {one.pk: one for one in people if one.pk != keeper.pk}
    if not 0 < len(others) <= MOST:
        raise MoveRefused("a shared phone is used by one to twenty others")
    if any(one.organisation_id != keeper.organisation_id for one in others.values()):
        raise MoveRefused("a shared phone is used by people of one office")
    # Lock the person: the same day said twice at once is said once.
    Person.objects.select_for_update().get(pk=keeper.pk)
    if SharedPhone.objects.filter(keeper=keeper, browser=browser, day=day).exists():
        raise MoveRefused("this day of this phone is declared already")
    row = SharedPhone.objects.create(keeper=keeper, browser=browser, day=day, declared_at=now)
    row.people.set(others.values())
    who = {"actor": keeper.ref, "people": " ".join(sorted(one.ref for one in others.values()))}
    event = ConfigChanged(subject="device", name=f"shared-{row.uid}", who=who)
    append(event=event, at=now, subject=keeper.ref)
    for one in others.values():
        post(one, kind=Post.Kind.SHARED, dedupe=f"shared:{row.uid}:{one.pk}", now=now)
    return row
