"""People, and the trips they make: deeds of the stage hand."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from PIL import Image

from accounts.consents import VERSIONS
from accounts.enrolling import Registration
from accounts.models import Department, Grant, Organisation, Person, Place
from accounts.services.answer_consent import answer_consent
from accounts.services.enrol_device import enrol_device
from attest.record import canonical, signing_challenge
from attest.values import Point
from config.demo.authenticator import SoftAuthenticator
from tests.aside import aside
from trips.envelope import Envelope
from trips.models import CheckIn, Trip
from trips.plan import Plan, PlannedStop
from trips.services.add_paper import add_paper
from trips.services.check_in import check_in
from trips.services.confirm import confirm
from trips.services.draft import draft
from trips.services.issue_challenges import issue_challenges
from trips.services.keep_upload import keep_upload
from trips.services.order import order
from trips.services.request import request

PASSWORD = "stage-door-2026"
BACK = timedelta(hours=4, minutes=30)
SITE = Point(352_536_470, 1_286_403_120)
_numbers = count(1)
_keys: dict[int, SoftAuthenticator] = {}


@cache
def _hashed(password: str) -> str:
    """Once for all people: to hash a password is made slow."""
    return make_password(password)


def person(name: str, roles: str, language: str = "") -> dict[str, str]:
    """Somebody new, with a number of their own: tests do not share people."""
    number = f"B{next(_numbers):04d}"
    who = Person(
        organisation=Organisation.objects.get(),
        department=Department.objects.get(),
        workplace=Place.objects.get(name="City Hall"),
        name=name,
        language=language,
    )
    who.put_number(number)
    who.password = _hashed(PASSWORD)
    who.save()
    since = timezone.now() - timedelta(days=30)
    for role in roles.split():
        until = since + timedelta(days=90) if role == "auditor" else None
        Grant.objects.create(person=who, role=role, since=since, until=until)
    return {"uid": str(who.uid), "number": number, "name": name, "password": PASSWORD}


def session(person: str) -> str:
    """The cookie of somebody signed in. The door itself is tested where it is walked through."""
    who = Person.objects.get(uid=person)
    store = SessionStore()
    store[SESSION_KEY] = str(who.pk)
    store[BACKEND_SESSION_KEY] = "accounts.backends.NumberBackend"
    store[HASH_SESSION_KEY] = who.get_session_auth_hash()
    store.save()
    assert store.session_key
    return store.session_key


def consent(person: str, answer: str = "given") -> None:
    answer_consent(
        Person.objects.get(uid=person),
        purpose="position",
        version=VERSIONS["position"],
        answer=answer,
        now=timezone.now(),
    )


def passkey(person: str) -> dict[str, str]:
    """A passkey enrolled weeks ago, in the form a virtual authenticator takes."""
    who = Person.objects.get(uid=person)
    key = key_of(who)
    private = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "credentialId": b64encode(key.credential_id).decode(),
        "privateKey": b64encode(private).decode(),
        "userHandle": b64encode(who.uid.bytes).decode(),
    }


def key_of(who: Person) -> SoftAuthenticator:
    """The passkey of *who*, enrolled three weeks ago."""
    if who.pk not in _keys:
        key = SoftAuthenticator(origin=settings.ORIGIN, rp_id=settings.RP_ID)
        made = Registration(key.credential_id, key.public_key, synced=False)
        at = timezone.now() - timedelta(days=21)
        enrol_device(who, registration=made, name="Phone", now=at)
        _keys[who.pk] = key
    return _keys[who.pk]


def trip(
    traveller: str,
    approver: str,
    days: int = 0,
    ordered: str = "yes",
    nights: int = 0,
    place: str = "District Office",
) -> dict[str, str]:
    """Four and a half hours to *place*, ordered. *days* ago it began at nine.

    Today's is under way: it began an hour ago. With *nights* it leads to another city.
    """
    now = timezone.now()
    starts_at = now - timedelta(hours=1)
    if days:
        morning = timezone.localtime(now).replace(hour=9, minute=0, second=0, microsecond=0)
        starts_at = morning - timedelta(days=days)
    site = Place.objects.get(name=place)
    stop = PlannedStop(site.name, site.unit, site, 6_200)
    if nights:
        stop = PlannedStop("City Hall of Busan", "26000", None, 45_000)
    plan = Plan(
        purpose="Road inspection",
        starts_at=starts_at,
        ends_at=starts_at + BACK + timedelta(days=nights),
        vehicle="transit",
        approver=Person.objects.get(uid=approver),
        stops=(stop,),
    )
    made = draft(traveller=Person.objects.get(uid=traveller), plan=plan, now=now)
    made = request(made, now=now)
    if ordered == "yes":
        made = order(made, approver=plan.approver, now=now)
    return {"uid": str(made.uid), "number": made.number}


def travelled(trip: str, position: str = "given") -> None:
    """There and back at the times of the order; with good evidence where *position* is given."""
    found = Trip.objects.get(uid=trip)
    key = key_of(found.traveller)
    press_at(found, key, "arrive", position, found.starts_at)
    press_at(found, key, "return", position, found.ends_at)


def confirmed(trip: str, position: str = "given") -> None:
    travelled(trip, position)
    found = Trip.objects.get(uid=trip)
    assert found.approver
    confirm(found, approver=found.approver, now=timezone.now())


def papers(trip: str) -> None:
    """Two tickets of one sum, one of them of another day, as its traveller sent them."""
    found = Trip.objects.get(uid=trip)
    for shade, at in ((90, found.starts_at), (190, found.starts_at - timedelta(days=40))):
        picture = BytesIO()
        Image.new("RGB", (240, 320), (shade, 200, 120)).save(picture, "JPEG")
        now = timezone.now()
        upload = keep_upload(found.traveller, content=picture.getvalue(), now=now)
        told: dict[str, Any] = {"kind": "ticket", "amount": 23_700, "at": at, "number": ""}
        add_paper(found, person=found.traveller, upload=upload, now=now, **told)


def press_at(
    trip: Trip,
    key: SoftAuthenticator,
    kind: str,
    position: str,
    at: datetime,
    site: str | None = None,
) -> CheckIn:
    if position == "given" and not trip.traveller.consents.exists():
        # Who is located said yes before.
        consent(str(trip.traveller.uid))
    asked = issue_challenges(person=trip.traveller, trip=trip, count=1, now=at)[0]
    uid = uuid4()
    said = {
        "at_ms": int(at.timestamp() * 1000),
        "challenge": str(asked.uid),
        "device": {"form": "phone", "motion": "unknown", "utc_offset_min": 540},
        "fixes": _fixes(at) if position == "given" else [],
        "id": str(uid),
        "kind": kind,
        "site": site,
        "state": position,
        "trip": str(trip.uid),
        "v": 1,
    }
    text = canonical(said)
    proof = key.sign(signing_challenge(text, bytes(asked.nonce)))
    envelope = Envelope.read(uid, text, proof)
    return check_in(trip.traveller, envelope=envelope, now=at)[0]


def _fixes(at: datetime) -> list[dict[str, int]]:
    ms, (north, west) = int(at.timestamp() * 1000), aside()
    return [
        {
            "lat_e7": SITE.lat_e7 + 1_003 + 37 * n + north,
            "lon_e7": SITE.lon_e7 - 907 - 53 * n * n - west,
            "acc_cm": 1_213 + 117 * n,
            "fix_ms": ms - 5_000 + 997 * n,
            "seen_ms": ms - 4_980 + 997 * n,
        }
        for n in range(5)
    ]
