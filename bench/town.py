"""A town of the bench: people with passkeys, trips, and requests ready to be sent.

All of it is made by the product's own services; nothing of the product is imitated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from random import Random
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.consents import POSITION, VERSIONS
from accounts.enrolling import Registration
from accounts.models import Consent, Department, Grant, Organisation, Person, Place
from accounts.services.answer_consent import answer_consent
from accounts.services.enrol_device import enrol_device
from attest.record import canonical, signing_challenge
from attest.values import Point
from config.demo.authenticator import SoftAuthenticator
from trips.envelope import Envelope
from trips.models import CheckIn, Trip
from trips.plan import Plan, PlannedStop
from trips.receipt import receipt_of
from trips.services.check_in import check_in
from trips.services.draft import draft
from trips.services.issue_challenges import issue_challenges
from trips.services.order import order
from trips.services.request import request
from vault.ids import uuid7

LAT, LON = 352_536_470, 1_286_403_120
# Where a town's people are led on one day, about a kilometre apart.
SITES, APART_E7 = 40, 100_000
CSRF = "b" * 32


@dataclass(frozen=True, slots=True)
class Resident:
    person: Person
    key: SoftAuthenticator
    cookie: str


@dataclass(frozen=True, slots=True)
class Town:
    residents: list[Resident]
    clerks: list[Resident]
    approver: Person
    sites: list[Place]


def built(*, travellers: int, clerks: int, now: datetime, name: str = "벤치시청") -> Town:
    hall = Organisation.objects.create(name=name, rule_set="kr-changwon")
    office = Department.objects.create(organisation=hall, name="총무과")
    sites = [_site(hall, number) for number in range(SITES)]
    place = sites[0]
    approver = _person(hall, office, place, 0, "approver", now)
    office.approver = approver
    office.save(update_fields=["approver"])
    numbers = iter(range(1, travellers + clerks + 1))
    residents = [
        _resident(_person(hall, office, place, next(numbers), "traveller", now), now)
        for _ in range(travellers)
    ]
    desk = [
        _resident(_person(hall, office, place, next(numbers), "clerk", now), now)
        for _ in range(clerks)
    ]
    return Town(residents, desk, approver, sites)


def _site(hall: Organisation, number: int) -> Place:
    place = Place(organisation=hall, name=f"벤치구청 {number}", unit="48120", radius_m=250)
    place.put_point(Point(LAT + number * APART_E7, LON).packed())
    place.save()
    return place


def _person(
    hall: Organisation, office: Department, place: Place, number: int, role: str, now: datetime
) -> Person:
    person = Person(organisation=hall, department=office, workplace=place, name=f"벤치{number}")
    person.put_number(f"B{number:06d}")
    person.set_unusable_password()
    person.save()
    Grant.objects.create(person=person, role=role, since=now - timedelta(days=1))
    return person


def _resident(person: Person, now: datetime) -> Resident:
    key = SoftAuthenticator(origin=settings.ORIGIN, rp_id=settings.RP_ID)
    made = Registration(key.credential_id, key.public_key, synced=False)
    enrol_device(person, registration=made, name="벤치 열쇠", now=now)
    # Without it the position would be left out, and a touch be less work than it is.
    answer_consent(
        person, purpose=POSITION, version=VERSIONS[POSITION], answer=Consent.Answer.GIVEN, now=now
    )
    return Resident(person, key, _session(person))


def _session(person: Person) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return (
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    )


def touches(town: Town, count: int, *, dice: Random, now: datetime) -> Iterator[str]:
    """*count* lines for ``load.lua``: arrivals of different people on trips of their own."""
    for number in range(count):
        resident = town.residents[number % len(town.residents)]
        envelope, text = _envelope(town, resident, dice, now)
        body = {"id": str(envelope.id), "record": text, "proof": dict(envelope.proof)}
        yield line("POST", "/api/v1/check-ins", resident.cookie, json.dumps(body))


def scans(town: Town, count: int, *, dice: Random, now: datetime) -> Iterator[str]:
    """*count* lines: receipts of touches just made, shown to the clerks in turn."""
    for number in range(count):
        resident = town.residents[number % len(town.residents)]
        touch = touched(town, resident, dice, now)
        text = receipt_of(touch, reader=resident.person).text
        clerk = town.clerks[number % len(town.clerks)]
        body = json.dumps({"text": text, "source": "camera"})
        yield line("POST", "/api/v1/verifications", clerk.cookie, body)


def line(method: str, path: str, cookie: str, body: str) -> str:
    return "\t".join((method, path, cookie, CSRF, body)) + "\n"


def touched(town: Town, resident: Resident, dice: Random, now: datetime) -> CheckIn:
    envelope, _ = _envelope(town, resident, dice, now)
    kept, _ = check_in(resident.person, envelope=envelope, now=now)
    return CheckIn.objects.select_related("trip__traveller").get(pk=kept.pk)


def _trip(town: Town, person: Person, site: Place, now: datetime) -> Trip:
    stop = PlannedStop(site.name, site.unit, site, 6_200)
    plan = Plan(
        purpose="현장 점검",
        starts_at=now,
        ends_at=now + timedelta(hours=4, minutes=30),
        vehicle="transit",
        approver=town.approver,
        stops=(stop,),
    )
    asked = request(draft(traveller=person, plan=plan, now=now), now=now)
    return order(asked, approver=town.approver, now=now)


def _envelope(town: Town, resident: Resident, dice: Random, now: datetime) -> tuple[Envelope, str]:
    number = dice.randrange(SITES)
    trip = _trip(town, resident.person, town.sites[number], now)
    asked = issue_challenges(person=resident.person, trip=trip, count=1, now=now)[0]
    text = canonical(_record(trip.uid, asked.uid, LAT + number * APART_E7, dice, now))
    proof = resident.key.sign(signing_challenge(text, bytes(asked.nonce)))
    return Envelope.read(UUID(json.loads(text)["id"]), text, proof), text


def _record(
    trip: UUID, challenge: UUID, lat: int, dice: Random, now: datetime
) -> dict[str, object]:
    at_ms = int(now.timestamp() * 1000)
    fixes = [
        {
            "acc_cm": dice.randrange(620, 3900),
            "fix_ms": at_ms - 3_000 + 600 * number,
            "lat_e7": lat + dice.randrange(-4000, 4000) | 1,
            "lon_e7": LON + dice.randrange(-4000, 4000) | 1,
            "seen_ms": at_ms - 2_900 + 600 * number,
        }
        for number in range(5)
    ]
    device = {"automated": False, "form": "phone", "motion": "unknown", "patched": False}
    return {
        "at_ms": at_ms,
        "challenge": str(challenge),
        "device": device | {"utc_offset_min": 540},
        "errors_between": 0,
        "fixes": fixes,
        "id": str(uuid7()),
        "kind": "arrive",
        "mono_ms": None,
        "photo_sha256": None,
        "repair": False,
        "site": None,
        "state": "given",
        "trip": str(trip),
        "v": 1,
    }
