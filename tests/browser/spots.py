"""Screens, tags and hosts at a place, and what is handed out: deeds of the stage hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

from django.conf import settings
from django.utils import timezone

from accounts.models import Person, Place
from audit.preparing import prepare_exports
from ledger.services.create_tag_keys import create_tag_keys
from ledger.signer import trust
from tests.browser.people import key_of, person, press_at
from tests.tags import tapped
from trips.models import CheckIn, Companion, Site, Trip
from trips.selectors import newest_assessment
from trips.services.ask_host import ask_host
from trips.services.change_display import change_display
from trips.services.make_site import make_site
from trips.services.register_tag import register_tag
from trips.services.show_site_code import show_site_code
from vault import keyring


def screen(name: str, place: str = "Annex") -> dict[str, str]:
    """A site with its screen's token, and the batch ``t1`` of tags at its door."""
    olga = Person.objects.get(uid=person("Olga", "administrator")["uid"])
    now, where = timezone.now(), Place.objects.get(name=place)
    site = make_site(where, name=name, by=olga, now=now)
    return {"uid": str(site.uid), "token": change_display(site, to="new", by=olga, now=now)}


def site_code(site: str, seconds: int = 0) -> dict[str, str]:
    """What its screen shows, or showed some *seconds* ago."""
    at = timezone.now() - timedelta(seconds=seconds)
    shown = show_site_code(Site.objects.get(uid=site), now=at)
    return {"text": shown.text, "digits": shown.digits}


def tag(site: str, counter: int) -> str:
    """What a new tag of the site says when it is touched for the *counter*-th time."""
    if "t1" not in keyring.every_tag_key():
        create_tag_keys("t1", folder=Path(settings.KEY_FOLDER))
    olga, chip = Person.objects.order_by("pk")[0], token_bytes(7)
    now = timezone.now()
    register_tag(Site.objects.get(uid=site), chip=chip, batch="t1", by=olga, now=now)
    return tapped(keyring.tag_keys("t1"), chip, counter)


def old_ask(trip: str) -> str:
    """A ticket for a host, made two minutes ago."""
    touch = CheckIn.objects.filter(trip__uid=trip).latest("pk")
    at = timezone.now() - timedelta(minutes=2)
    who = touch.trip.traveller
    return ask_host(touch, person=who, mail="", browser=b"\0" * 32, now=at)[1]


def day_ask(trip: str) -> str:
    """The ticket of a link, good for a day."""
    touch = CheckIn.objects.filter(trip__uid=trip).latest("pk")
    who, mail = touch.trip.traveller, "park@jinju.example"
    return ask_host(touch, person=who, mail=mail, browser=b"\0" * 32, now=timezone.now())[1]


def reasons(trip: str) -> list[str]:
    """The codes of the newest answer about the last touch."""
    touch = CheckIn.objects.filter(trip__uid=trip).latest("pk")
    return [reason["code"] for reason in newest_assessment(touch).reasons]


def touched_with(person: str, trip: str, site: str) -> list[str]:
    """Somebody else's touch that brings the code *site* and no position; verdict and site codes."""
    row, now = Trip.objects.get(uid=trip), timezone.now()
    touch = press_at(row, key_of(Person.objects.get(uid=person)), "arrive", "refused", now, site)
    said = newest_assessment(touch)
    found = [one["code"] for one in said.reasons if one["code"].startswith(("site.", "flow."))]
    return [said.verdict, *found]


def beside(trip: str, person: str) -> None:
    """*person* goes along."""
    Companion.objects.create(trip=Trip.objects.get(uid=trip), person=Person.objects.get(uid=person))


def exports() -> int:
    """A worker comes by."""
    return prepare_exports(clock=timezone.now)


def trust_file() -> str:
    """The log's public keys, as they would be handed to an auditor on paper."""
    return trust().text()
