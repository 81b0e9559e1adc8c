"""The traveller puts a paper to their trip, with the sum and the time they read on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Person
from attest.errors import MoveRefused, NotYours, PaperRefused
from attest.values import KST
from ledger.services.append import append
from trips import leaves
from trips.models import MOST_PAPERS, Paper, State, Trip, Upload
from trips.papering import mark_of, same, within
from trips.reweighing import touch_at, weighed_with
from trips.writing import locked
from vault.ids import uuid7
from vault.sealed import seal

_OVER = {State.CANCELLED, State.VOIDED}


@transaction.atomic
def add_paper(
    trip: Trip,
    *,
    person: Person,
    upload: Upload,
    kind: str,
    amount: int,
    at: datetime,
    number: str,
    now: datetime,
) -> Paper:
    """Kept whatever it says. It counts where its time lies within the trip, and for one trip only.

    The arrival or stop it belongs to is weighed again; before any touch it waits for the first.
    """
    trip = locked(trip)
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    _refuse(trip, person, upload)
    marks: dict[str, Any] = {
        "digest": bytes(upload.digest),
        "pixels": bytes(upload.pixels),
        "mark": mark_of(number, amount=amount, at=at),
    }
    if trip.papers.filter(same(**marks), withdrawn_at=None).exists():
        raise PaperRefused("twice")
    uid = uuid7()
    row = Paper(
        uid=uid,
        trip=trip,
        check_in=touch_at(trip, at),
        upload=upload,
        kind=kind,
        amount=amount,
        at=at,
        number=_sealed(trip, uid, number),
        added_at=now,
        **marks,
    )
    row.why = "" if within(trip, at) else Paper.Why.OUTSIDE
    if not row.why and Paper.objects.filter(same(**marks), counted=True).exists():
        row.why = Paper.Why.ELSEWHERE
    _keep(row)
    new = _said(row, upload) | (weighed_with(row, now=now) if row.counted else {})
    event = leaves.corrected(trip, actor=person.ref, reason="paper", new=new, touch=row.check_in)
    append(event=event, trip=trip.line, at=now)
    return row


def _refuse(trip: Trip, person: Person, upload: Upload) -> None:
    if person.pk != trip.traveller_id or person.pk != upload.person_id:
        raise NotYours("only the traveller puts papers to their trip")
    if trip.open_hash is None or trip.state in _OVER:
        raise MoveRefused(f"this trip is {trip.state}: it takes no papers")
    if trip.papers.count() >= MOST_PAPERS:
        raise PaperRefused("too-many")
    if Paper.objects.filter(upload=upload).exists() or hasattr(upload, "photo"):
        raise PaperRefused("used")


def _sealed(trip: Trip, uid: Any, number: str) -> bytes | None:
    if not number:
        return None
    return seal(number.encode(), key=trip.key("biz"), table="trips_paper", row=uid, field="number")


def _keep(row: Paper) -> None:
    """Two trips may reach for one paper at the same moment: the database lets one have it."""
    row.counted = not row.why
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.counted, row.why = False, Paper.Why.ELSEWHERE
        row.save(force_insert=True)


def _said(row: Paper, upload: Upload) -> dict[str, Any]:
    return {
        "item": "paper",
        "kind": row.kind,
        "won": row.amount,
        "at": row.at.astimezone(KST).strftime("%Y-%m-%dT%H:%M+09:00"),
        "sha256": bytes(upload.digest).hex(),
        "kept_sha256": bytes(upload.kept_digest).hex(),
        "counted": row.counted,
    }
