"""How a trip comes to lie on the clerk's desk, and what a clerk does there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Device, Grant, Person, Place, Role
from accounts.passkeys import unb64
from attest import digits
from attest.claims import Claims
from attest.keys import Sealer
from attest.record import canonical, signing_challenge
from attest.token import seal, text_of
from settlement.models import Batch
from settlement.services.fill_batch import fill_batch
from settlement.services.open_batch import open_batch
from tests.aside import aside
from tests.authenticator import SoftAuthenticator
from tests.conftest import NOON, SITE, phone_of, plan_of
from trips.envelope import Envelope
from trips.models import CheckIn, Trip
from trips.services.check_in import check_in
from trips.services.confirm import confirm
from trips.services.draft import draft
from trips.services.issue_challenges import issue_challenges
from trips.services.order import order
from trips.services.request import request

BACK = timedelta(hours=4, minutes=30)
# When the clerk sits down: the trips of noon are back and approved.
EVENING = NOON + timedelta(hours=6)

# Who holds which passkey: what a person carries along.
_keys: dict[bytes, SoftAuthenticator] = {}


def fixes_at(at: datetime) -> list[dict[str, int]]:
    """Five positions at the site, a little apart as real ones are."""
    ms, (north, west) = int(at.timestamp() * 1000), aside()
    return [
        {
            "lat_e7": SITE.lat_e7 + 1_003 + 37 * n + north,
            "lon_e7": SITE.lon_e7 - 907 - 53 * n * n - west,
            "acc_cm": 1_213 + 117 * n,
            "alt_cm": 3_517 + 41 * n,
            "altacc_cm": 901,
            "fix_ms": ms - 5_000 + 997 * n,
            "seen_ms": ms - 4_980 + 997 * n,
        }
        for n in range(5)
    ]


def touch(
    trip: Trip,
    *,
    at: datetime,
    kind: str = "arrive",
    key: SoftAuthenticator | None = None,
    fixes: Sequence[dict[str, int]] = (),
    stale: bytes = b"",
) -> CheckIn:
    """A touch of its traveller, signed by *key* or by nobody; *stale* is signed instead."""
    asked = issue_challenges(person=trip.traveller, trip=trip, count=1, now=at)[0]
    client = uuid4()
    said = {
        "at_ms": int(at.timestamp() * 1000),
        "challenge": str(asked.uid),
        "device": {"form": "phone", "motion": "seen", "utc_offset_min": 540},
        "fixes": list(fixes),
        "id": str(client),
        "kind": kind,
        "state": "given" if fixes else "refused",
        "trip": str(trip.uid),
        "v": 1,
    }
    text = canonical(said)
    challenge = signing_challenge(text, stale or bytes(asked.nonce))
    proof = key.sign(challenge) if key else {"kind": "none"}
    return check_in(trip.traveller, envelope=Envelope.read(client, text, proof), now=at)[0]


def key_of(person: Person) -> SoftAuthenticator:
    """Their passkey, enrolled long before anybody touches with it. A second one would wait."""
    known = Device.objects.filter(person=person, state=Device.State.LIVE).first()
    if known is None:
        made = SoftAuthenticator(person).enrol(now=NOON - timedelta(days=20))
        _keys[made.credential_id] = made
        return made
    return _keys[bytes(known.credential_id or b"")]


def ordered(traveller: Person, approver: Person, site: Place, **said: Any) -> Trip:
    """A trip that was asked for and ordered an hour before it began."""
    if hours := said.pop("hours", None):
        said["ends_at"] = said.get("starts_at", NOON) + timedelta(hours=hours)
    plan = plan_of(approver, site, **said)
    at = plan.starts_at - timedelta(hours=1)
    asked = request(draft(traveller=traveller, plan=plan, now=at), now=at)
    return order(asked, approver=approver, now=at)


def travelled(trip: Trip) -> Trip:
    """There and back: an arrival at the start, a return at the planned end."""
    key = key_of(trip.traveller)
    touch(trip, at=trip.starts_at, key=key, fixes=fixes_at(trip.starts_at))
    touch(trip, at=trip.ends_at, key=key, fixes=fixes_at(trip.ends_at), kind="return")
    return Trip.objects.get(pk=trip.pk)


def confirmed(traveller: Person, approver: Person, site: Place, **said: Any) -> Trip:
    """A payable trip: ordered, travelled with good evidence, approved."""
    return approved(travelled(ordered(traveller, approver, site, **said)))


def approved(trip: Trip) -> Trip:
    assert trip.approver_id
    approver = Person.objects.get(pk=trip.approver_id)
    return confirm(trip, approver=approver, now=trip.ends_at + timedelta(minutes=20))


def arrival(trip: Trip) -> CheckIn:
    return trip.check_ins.order_by("pk")[0]


def code_of(touch: CheckIn) -> str:
    """The text of its QR, as the traveller's phone shows it."""
    box = touch.box("token")
    assert box
    return text_of(box.open(), settings.HOST)


def claims_of(trip: Trip, /, **other: Any) -> Claims:
    """What the token of its arrival says, or something else."""
    said: dict[str, Any] = {
        "sub": trip.traveller.alias,
        "iat": int(arrival(trip).recorded_at.timestamp()),
        "cti": bytes(arrival(trip).cti),
        "location": None,
        "trip": trip.number,
        "kind": 1,
        "device": bytes(12),
        "flags": 0,
    }
    return Claims(**(said | other))


def token_of(trip: Trip) -> bytes:
    return digits.read(code_of(arrival(trip)).partition("#")[2])


def sealed_by(sealer: Sealer, claims: Claims) -> str:
    """The code of *claims* as the holder of these keys makes it."""
    return text_of(seal(claims, sealer=sealer, seed=token_bytes(32)), settings.HOST)


def names(person: str, answer: Any) -> bool:
    """Whether *answer* says that name: as a word, for three letters may stand in any number."""
    word = rf"(?<![\w-]){re.escape(person)}(?![\w-])"
    return re.search(word, answer.content.decode()) is not None


def scan(
    clerk: Person, text: str, *, source: str = "camera", offline: str = "", **headers: str
) -> Any:
    body = {"text": text, "source": source} | ({"offline": offline} if offline else {})
    return phone_of(clerk).post("/api/v1/verifications", body, format="json", headers=headers)


def seen(clerk: Person, text: str, **said: str) -> Any:
    """What the station shows of *text*."""
    answer = scan(clerk, text, **said)
    assert answer.status_code == 200, answer.content
    return answer.json()


def answers(said: Any) -> tuple[str, str]:
    """The codes of the two bands."""
    return said["genuine"]["code"], said["payable"]["code"]


def made_clerk(person: Person) -> Person:
    """*person* becomes a clerk as well, whatever else they are."""
    Grant.objects.create(person=person, role=Role.CLERK, since=NOON - timedelta(days=3))
    return Person.objects.get(pk=person.pk)


def batch_of(clerk: Person, *trips: Trip, now: datetime = EVENING) -> Batch:
    return fill_batch(open_batch(clerk=clerk, now=now), clerk=clerk, add=uids(trips), now=now)


def uids(trips: Iterable[Trip]) -> list[UUID]:
    return [trip.uid for trip in trips]


def add(clerk: Person, *trips: Trip) -> Any:
    """Lay them into the clerk's batch, as a program does it."""
    body = {"add": [str(uid) for uid in uids(trips)]}
    return phone_of(clerk).post("/api/v1/batches", body, format="json")


def statements_of(deed: Callable[[], object]) -> int:
    """How many the database is asked for *deed*."""
    with CaptureQueriesContext(connection) as asked:
        deed()
    return len(asked)


def pay(clerk: Person, batch: Batch, *, step_up: Any = None, as_signed: str = "") -> Any:
    """Sign *batch* as it stands (or *as_signed*) and settle it through the API."""
    where = f"/api/v1/batches/{batch.uid}"
    desk = phone_of(clerk)
    signed = step_up or sign(clerk, unb64(as_signed or desk.get(where).json()["hash"]))
    return desk.post(f"{where}/settlement", {"step_up": signed}, format="json")


def sign(person: Person, batch_hash: bytes, *, action: str = "settle") -> dict[str, Any]:
    return key_of(person).step_up(action=action, batch_hash=batch_hash)
