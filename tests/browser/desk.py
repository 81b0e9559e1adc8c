"""What clerks do with trips, and what became of them: deeds of the stage hand."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import Person
from accounts.passkeys import Proof
from accounts.services.ask_step_up import ask_step_up
from accounts.step_up import Answer, challenge_of
from attest.claims import Claims
from attest.documents import sign_status
from attest.log.leaf import read_leaf
from attest.token import seal, text_of
from attest.values import month_of
from ledger.models import Access, Leaf, TripHead
from ledger.services.sequence import sequence
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
from tests.browser.people import key_of, person
from tests.settlement.sheets.samples import row as sheet_row
from tests.settlement.sheets.samples import xlsx
from trips import qr
from trips.models import CheckIn, Trip
from trips.receipt import receipt_of
from trips.selectors import newest_assessment
from vault import keyring


def laid(clerk: str, trips: list[str]) -> str:
    """A batch of *trips*, as it stands before it is signed."""
    who, now = Person.objects.get(uid=clerk), timezone.now()
    batch = open_batch(clerk=who, now=now)
    uids = [UUID(trip) for trip in trips]
    return str(fill_batch(batch, clerk=who, add=uids, now=now).uid)


def paid(clerk: str, trip: str) -> dict[str, str]:
    """A batch of one trip, signed by a passkey of the clerk's and settled."""
    who, now = Person.objects.get(uid=clerk), timezone.now()
    key = key_of(who)
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
    signed = Answer(asked.uid, Proof.read(key_of(who).sign(challenge_of(asked))))
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
