"""The stage hand: people and trips, made by the product's own services in the server's database.

A process of its own beside the server, with the server's settings. It hears one JSON
line a deed, ``{"deed": "person", "with": {…}}``, and answers with one.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from secrets import token_bytes
from traceback import format_exc
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from PIL import Image

from accounts.consents import VERSIONS
from accounts.enrolling import Registration
from accounts.models import Department, Grant, Organisation, Person, Place
from accounts.passkeys import Proof
from accounts.services.answer_consent import answer_consent
from accounts.services.ask_step_up import ask_step_up
from accounts.services.enrol_device import enrol_device
from accounts.step_up import Answer, challenge_of
from attest.claims import Claims
from attest.documents import sign_status
from attest.log.leaf import read_leaf
from attest.record import canonical, signing_challenge
from attest.token import seal, text_of
from attest.values import Point, month_of
from audit.preparing import prepare_exports
from config.demo.authenticator import SoftAuthenticator
from ledger.models import Access, Leaf, TripHead
from ledger.services.create_tag_keys import create_tag_keys
from ledger.services.sequence import sequence
from ledger.signer import trust
from settlement.batching import ACTION as SETTLE
from settlement.lending import CHOICE, LEASE, choice_hash
from settlement.models import Batch, DeskLease, Hold, Settlement, Verification
from settlement.months import month_for
from settlement.selectors import REVIEW
from settlement.services.choose_lending import choose_lending
from settlement.services.fill_batch import fill_batch
from settlement.services.import_month import import_month
from settlement.services.open_batch import open_batch
from settlement.services.review_hold import review_hold
from settlement.services.settle import settle
from settlement.services.verify import verify
from tests.browser.corners import corners
from tests.settlement.sheets.samples import row as sheet_row
from tests.settlement.sheets.samples import xlsx
from tests.tags import tapped
from trips import qr
from trips.envelope import Envelope
from trips.models import CheckIn, Companion, Site, Trip
from trips.plan import Plan, PlannedStop
from trips.receipt import receipt_of
from trips.selectors import newest_assessment
from trips.services.add_paper import add_paper
from trips.services.ask_host import ask_host
from trips.services.change_display import change_display
from trips.services.check_in import check_in
from trips.services.confirm import confirm
from trips.services.draft import draft
from trips.services.issue_challenges import issue_challenges
from trips.services.keep_upload import keep_upload
from trips.services.make_site import make_site
from trips.services.order import order
from trips.services.register_tag import register_tag
from trips.services.request import request
from trips.services.show_site_code import show_site_code
from vault import keyring

PASSWORD = "stage-door-2026"
BACK = timedelta(hours=4, minutes=30)
HALL = Point(352_280_210, 1_286_811_340)
SITE = Point(352_536_470, 1_286_403_120)

_numbers = count(1)
# No two touches at the very same spot: equal ones would be copies.
_drift = count(1)
_keys: dict[int, SoftAuthenticator] = {}


def serve() -> None:
    """Answer deeds until the other side closes the pipe."""
    _hall()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"done": DEEDS[asked["deed"]](**asked["with"])}
        except Exception:  # noqa: BLE001 -- told to the test, which fails with it
            answer = {"failed": format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _hall() -> None:
    hall = Organisation.objects.create(name="Sample City Hall", rule_set="kr-changwon")
    Department.objects.create(organisation=hall, name="Safety")
    _place(hall, "City Hall", HALL, "Yongho-dong")
    _place(hall, "District Office", SITE, "Sinwol-dong")
    # The one place with screens and tags: what it offers is asked for nowhere else.
    _place(hall, "Annex", SITE, "Sinwol-dong")


def _place(hall: Organisation, name: str, point: Point, town: str) -> None:
    place = Place(organisation=hall, name=name, unit="48120", town=town, radius_m=250)
    place.put_point(point.packed())
    place.save()


# --- people ---------------------------------------------------------------------------


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
    who.set_password(PASSWORD)
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
    key = _key_of(who)
    private = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "credentialId": b64encode(key.credential_id).decode(),
        "privateKey": b64encode(private).decode(),
        "userHandle": b64encode(who.uid.bytes).decode(),
    }


def _key_of(who: Person) -> SoftAuthenticator:
    """The passkey of *who*, enrolled three weeks ago."""
    if who.pk not in _keys:
        key = SoftAuthenticator(origin=settings.ORIGIN, rp_id=settings.RP_ID)
        made = Registration(key.credential_id, key.public_key, synced=False)
        at = timezone.now() - timedelta(days=21)
        enrol_device(who, registration=made, name="Phone", now=at)
        _keys[who.pk] = key
    return _keys[who.pk]


# --- trips ----------------------------------------------------------------------------


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
    key = _key_of(found.traveller)
    _touch(found, key, "arrive", position, found.starts_at)
    _touch(found, key, "return", position, found.ends_at)


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


def _touch(
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
    ms, drift = int(at.timestamp() * 1000), next(_drift)
    return [
        {
            "lat_e7": SITE.lat_e7 + 1_003 + 37 * n + 11 * drift,
            "lon_e7": SITE.lon_e7 - 907 - 53 * n * n,
            "acc_cm": 1_213 + 117 * n,
            "fix_ms": ms - 5_000 + 997 * n,
            "seen_ms": ms - 4_980 + 997 * n,
        }
        for n in range(5)
    ]


# --- at the desk ----------------------------------------------------------------------


def laid(clerk: str, trips: list[str]) -> str:
    """A batch of *trips*, as it stands before it is signed."""
    who, now = Person.objects.get(uid=clerk), timezone.now()
    batch = open_batch(clerk=who, now=now)
    uids = [UUID(trip) for trip in trips]
    return str(fill_batch(batch, clerk=who, add=uids, now=now).uid)


def paid(clerk: str, trip: str) -> dict[str, str]:
    """A batch of one trip, signed by a passkey of the clerk's and settled."""
    who, now = Person.objects.get(uid=clerk), timezone.now()
    key = _key_of(who)
    batch = Batch.objects.get(uid=laid(clerk, [trip]))
    assert batch.hash
    asked = ask_step_up(who, action=SETTLE, batch_hash=bytes(batch.hash), now=now)
    proof = Proof.read(key.sign(challenge_of(asked)))
    settle(batch, clerk=who, step_up=asked.uid, proof=proof, now=now)
    settlement = Settlement.objects.get(batch=batch)
    return {"batch": str(batch.uid), "settlement": str(settlement.uid)}


def for_two(person: str, clerks: list[str]) -> None:
    """The newest trip of *person* was for two to look at, and two have looked."""
    trip = Trip.objects.filter(traveller__uid=person).latest("pk")
    first, second = (Person.objects.get(uid=one) for one in clerks)
    now = timezone.now()
    hold = Hold.objects.create(trip=trip, reason_code=REVIEW, blocking=False, at=now, by=first)
    for clerk in (first, second):
        review_hold(hold, clerk=clerk, reason="Both have seen the report", now=now)


def held(clerk: str, trip: str) -> str:
    """The exception that a scan of *trip* leaves, where it cannot be paid as it is."""
    text = receipt(trip)["text"]
    who = Person.objects.get(uid=clerk)
    verify(clerk=who, text=text, source="camera", address="127.0.0.1", now=timezone.now())
    return str(Hold.objects.get(trip__uid=trip).uid)


def brought_in(clerk: str, names: list[str]) -> dict[str, str]:
    """A sheet of this month comes in, with a row for each of *names*; and its last row."""
    who, now = Person.objects.get(uid=clerk), timezone.now()
    name = month_of(now)
    rows = [
        sheet_row(B=n, O=name_, M="Safety", E=f"{name}-01 09:00", F=f"{name}-01 13:30")
        for n, name_ in enumerate(names, start=1)
    ]
    raw = xlsx(*rows)
    month = month_for(who, name)
    sheet = import_month(month, raw=raw, digest=sha256(raw).digest(), clerk=who, now=now)
    return {"month": name, "row": str(sheet.rows.latest("number").uid)}


# --- what became of it ----------------------------------------------------------------


def rows(trip: str) -> dict[str, Any]:
    """The trip as the database has it."""
    found = Trip.objects.get(uid=trip)
    touches = found.check_ins.order_by("pk")
    return {
        "state": found.state,
        "touches": [_row(touch) for touch in touches],
        "items": found.items.count(),
        "paid": [row.total for row in Settlement.objects.filter(trip=found, voided_at=None)],
    }


def touches(person: str) -> list[dict[str, Any]]:
    return [_row(t) for t in CheckIn.objects.filter(trip__traveller__uid=person).order_by("pk")]


def _row(touch: CheckIn) -> dict[str, Any]:
    assessed = newest_assessment(touch)
    return {
        "uid": str(touch.uid),
        "kind": touch.kind,
        "signer": touch.signer,
        "accuracy_m": touch.accuracy_m,
        "withdrawn": touch.withdrawn_at is not None,
        "verdict": assessed.verdict,
        "reasons": [reason["code"] for reason in assessed.reasons],
        "trip": str(touch.trip.uid),
    }


def receipt(trip: str) -> dict[str, str]:
    """Of the newest touch: what its QR says, and its number."""
    found = Trip.objects.get(uid=trip)
    last = found.check_ins.filter(withdrawn_at=None).latest("recorded_at")
    said = receipt_of(last, reader=found.traveller)
    return {"text": said.text, "spoken": said.spoken}


def lending(choice: str) -> None:
    """An administrator decides whether desks may borrow opening keys."""
    who = Person.objects.get(uid=person("Olga", "administrator")["uid"])
    asked = ask_step_up(
        who, action=CHOICE, batch_hash=choice_hash(who.organisation, choice), now=timezone.now()
    )
    signed = Answer(asked.uid, Proof.read(_key_of(who).sign(challenge_of(asked))))
    choose_lending(who, choice=choice, signed=signed, now=timezone.now())


def stray() -> str:
    """A receipt signed with the true keys, of a touch that no record knows."""
    now = int(timezone.now().timestamp())
    claims = Claims("STRAY2345", now - 60, token_bytes(8), "BT26-999999", 1)
    sealed = seal(claims, sealer=keyring.sealer(at=now), seed=token_bytes(32))
    return text_of(sealed, settings.HOST)


def old_status(days: int) -> str:
    """The status list as it was signed *days* ago, in hexadecimal."""
    at = int((timezone.now() - timedelta(days=days)).timestamp())
    signer = keyring.status_signer(at=at)
    return sign_status([], signer=signer, host=settings.HOST, seq=at, at=at).hex()


def verifications(clerk: str) -> list[dict[str, Any]]:
    """What was kept of a clerk's scans, oldest first."""
    rows = Verification.objects.filter(clerk__uid=clerk).order_by("pk")
    return [
        {"genuine": one.genuine, "source": one.source, "provisional": one.provisional}
        for one in rows
    ]


def leases(clerk: str) -> list[dict[str, str]]:
    rows = DeskLease.objects.filter(clerk__uid=clerk).order_by("pk")
    looks = Access.objects.filter(actor__uid=clerk, action=LEASE)
    return [{"desk": one.desk, "kids": one.kids, "looks": str(len(looks))} for one in rows]


def matrix(text: str) -> list[str]:
    """The modules the server draws for *text*, a row a line."""
    return qr.matrix(text)


def leaves(trip: str) -> list[dict[str, str]]:
    """Every leaf of the trip in order: what it is, and its hash."""
    sequence(now=timezone.now())
    head = TripHead.objects.get(trip=Trip.objects.get(uid=trip).log_id)
    whole = bytes(head.hashes)
    hashes = [whole[at : at + 32] for at in range(0, len(whole), 32)]
    return [_leaf(one) for one in hashes]


def _leaf(hashed: bytes) -> dict[str, str]:
    entry = bytes(Leaf.objects.get(leaf_hash=hashed).entry)
    return {"kind": read_leaf(entry)["t"], "hash": hashed.hex()}


# --- witnesses of place ---------------------------------------------------------------


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
    touch = _touch(row, _key_of(Person.objects.get(uid=person)), "arrive", "refused", now, site)
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


DEEDS: dict[str, Callable[..., Any]] = {
    "corners": corners,
    "person": person,
    "session": session,
    "consent": consent,
    "passkey": passkey,
    "trip": trip,
    "exports": exports,
    "papers": papers,
    "travelled": travelled,
    "confirmed": confirmed,
    "laid": laid,
    "paid": paid,
    "held": held,
    "for_two": for_two,
    "brought_in": brought_in,
    "rows": rows,
    "touches": touches,
    "receipt": receipt,
    "lending": lending,
    "stray": stray,
    "old_status": old_status,
    "verifications": verifications,
    "leases": leases,
    "matrix": matrix,
    "leaves": leaves,
    "screen": screen,
    "site_code": site_code,
    "tag": tag,
    "old_ask": old_ask,
    "day_ask": day_ask,
    "beside": beside,
    "reasons": reasons,
    "touched_with": touched_with,
    "trust_file": trust_file,
}
