"""The photo whose hash a touch has signed comes after it."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.consents import PHOTO
from accounts.models import Consent, Person
from accounts.selectors import consent_of
from attest.errors import MoveRefused, NotYours, PaperRefused, UploadRefused
from attest.record import Record
from ledger.services.append import append
from trips import leaves
from trips.models import Challenge, CheckIn, Photo, Upload
from trips.photo_code import photo_code
from trips.reweighing import again, weigh_again
from trips.uploading import Opened, kept_file, opened_file
from trips.writing import locked


def add_photo(touch: CheckIn, *, person: Person, content: bytes, now: datetime) -> Photo:
    """Kept once, if it is the very file. Sent again, it gets the first answer."""
    consent = consent_of(person, PHOTO)
    if consent is None or consent.answer != Consent.Answer.GIVEN:
        raise PaperRefused("unsure")
    if person.pk != touch.trip.traveller_id:
        raise NotYours("only the traveller adds a photo")
    record = _record(touch)
    if touch.signer == "none" or record.photo_sha256 != sha256(content).hexdigest():
        raise PaperRefused("not-signed")
    file = opened_file(content)
    if file.kind != Upload.Kind.PICTURE:
        raise UploadRefused("not-a-picture")
    with transaction.atomic():
        return _kept(touch, person, file, record, now)


def _kept(touch: CheckIn, person: Person, file: Opened, record: Record, now: datetime) -> Photo:
    touch.trip = locked(touch.trip)
    if earlier := Photo.objects.filter(check_in=touch).select_related("upload").first():
        return earlier
    if not CheckIn.objects.filter(pk=touch.pk, withdrawn_at=None).exclude(token=None).exists():
        raise MoveRefused("this touch was taken back, or its position was erased meanwhile")
    asked = Challenge.objects.get(uid=record.challenge)
    upload = kept_file(person, file, key=touch.trip.key("loc"), now=now)
    row = Photo.objects.create(
        check_in=touch, upload=upload, code=photo_code(bytes(asked.nonce)), at=now
    )
    new: dict[str, Any] = {
        "item": "photo",
        "sha256": bytes(upload.digest).hex(),
        "kept_sha256": bytes(upload.kept_digest).hex(),
        "code": row.code,
    }
    new |= again(weigh_again(touch, now=now, photo="challenge_code"))
    event = leaves.corrected(touch.trip, actor=person.ref, reason="photo", new=new, touch=touch)
    append(event=event, trip=touch.trip.line, at=now)
    return row


def _record(touch: CheckIn) -> Record:
    """What was signed, as it was sent. Its traveller opens their own."""
    box = touch.box("record")
    if box is None:
        raise PaperRefused("not-signed")
    return Record.read(box.open().decode())
