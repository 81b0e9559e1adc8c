"""A photo on the spot: its hash is signed by the touch before the picture is sent."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from accounts.consents import PHOTO, VERSIONS
from accounts.models import Consent, Person
from accounts.passkeys import unb64
from accounts.services.answer_consent import answer_consent
from ledger.models import AccessSubject
from tests.conftest import NOON, phone_of
from tests.trips.files import UPLOADS, file_of, located, pages, sent, slip
from tests.trips.test_words import said_in_last_leaf
from tests.trips.touches import CHECK_INS, Phone, unsigned, without_position
from trips.models import CheckIn, Photo, Trip, Upload
from trips.photo_code import photo_code

PICTURE = slip(33)


@pytest.fixture(autouse=True)
def yes(ada: Person, clock: object) -> Consent:
    return answer_consent(ada, purpose=PHOTO, version=VERSIONS[PHOTO], answer="given", now=NOON)


def post(phone: Phone, touch: CheckIn, content: bytes) -> Any:
    where = f"{CHECK_INS}/{touch.uid}/photo"
    return phone.api.post(where, {"file": file_of(content)}, format="multipart")


def touched(phone: Phone, trip: Trip, content: bytes | None = PICTURE, **said: Any) -> CheckIn:
    hashed = sha256(content).hexdigest() if content else None
    return phone.touched(trip, photo_sha256=hashed, **without_position("refused"), **said)


def support(touch: CheckIn) -> set[str]:
    newest = touch.assessments.order_by("-pk")[0]
    return {one["code"] for one in newest.reasons if one["kind"] == "support"}


def test_a_photo_that_the_touch_signed_supports_it(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)
    touch = touched(phone, trip, asked=asked)
    assert "photo.challenge-code" not in support(touch)

    answer = post(phone, touch, PICTURE)

    assert answer.status_code == 201
    assert answer.json()["code"] == photo_code(unb64(asked["nonce"]))
    assert answer.json()["verdict"] == touch.assessments.order_by("-pk")[0].verdict
    assert "photo.challenge-code" in support(touch)
    said: Any = said_in_last_leaf("biz")
    assert said["new"]["sha256"] == sha256(PICTURE).hexdigest()


def test_the_code_is_one_for_all_who_draw_it() -> None:
    assert photo_code(bytes(range(32))) == "VH-27"
    assert photo_code(bytes(32)) == "KE-86"


@pytest.mark.parametrize(
    "content",
    [slip(34), PICTURE + b"\0", PICTURE[:-1], b""],
    ids=["another picture", "a byte more", "a byte less", "nothing"],
)
def test_another_file_than_the_signed_one_is_not_kept(
    content: bytes, phone: Phone, trip: Trip
) -> None:
    touch = touched(phone, trip)

    answer = post(phone, touch, content)

    assert answer.status_code in {400, 409}
    assert answer.json()["code"] in {"paper.not-signed", "request.shape"}
    assert not Photo.objects.exists()
    assert not Upload.objects.exists()


def test_a_touch_that_signed_no_photo_takes_none(phone: Phone, trip: Trip) -> None:
    answer = post(phone, touched(phone, trip, None), PICTURE)

    assert (answer.status_code, answer.json()["code"]) == (409, "paper.not-signed")


def test_a_hash_that_nobody_signed_is_none(phone: Phone, trip: Trip) -> None:
    body = unsigned(trip, phone.ask(trip), photo_sha256=sha256(PICTURE).hexdigest())
    touch = CheckIn.objects.get(uid=phone.send(body).json()["id"])

    assert post(phone, touch, PICTURE).json()["code"] == "paper.not-signed"


def test_a_signed_file_that_is_no_picture_is_not_kept(phone: Phone, trip: Trip) -> None:
    for content in (b"GIF89a", pages(1)):
        touch = touched(phone, trip, content)

        assert post(phone, touch, content).json()["code"] == "upload.not-a-picture"
    assert not Upload.objects.exists()


def test_a_photo_sent_twice_is_one_photo(phone: Phone, trip: Trip) -> None:
    touch = touched(phone, trip)
    first = post(phone, touch, PICTURE)

    again = post(phone, touch, PICTURE)

    assert again.json() == first.json()
    assert Photo.objects.count() == Upload.objects.count() == 1
    assert touch.assessments.count() == 2


def test_without_a_yes_no_photo_is_kept(phone: Phone, trip: Trip) -> None:
    touch = touched(phone, trip)
    for answer in ("paused", "withdrawn"):
        said = {"purpose": PHOTO, "version": VERSIONS[PHOTO], "answer": answer}
        answer_consent(phone.person, now=NOON, **said)

        refused = post(phone, touch, PICTURE)

        assert (refused.status_code, refused.json()["code"]) == (409, "paper.unsure")
    assert not Photo.objects.exists()


def test_a_touch_taken_back_takes_no_photo(phone: Phone, trip: Trip) -> None:
    touch = touched(phone, trip)
    phone.take_back(touch)

    assert post(phone, touch, PICTURE).status_code == 409
    assert not Photo.objects.exists()


def test_where_it_was_taken_is_not_kept_beside_it(phone: Phone, trip: Trip) -> None:
    content = located()
    touch = touched(phone, trip, content)
    assert post(phone, touch, content).status_code == 201

    kept = Photo.objects.get().upload

    assert b"Gaon Phone Works" not in kept.shown.open()
    assert not kept.original.path.exists()


def test_a_photo_is_a_look_at_a_place(phone: Phone, trip: Trip, felix: Person) -> None:
    touch = touched(phone, trip)
    post(phone, touch, PICTURE)
    kept = Photo.objects.get().upload

    assert phone_of(felix).get(f"{UPLOADS}/{kept.uid}/file").status_code == 200

    look = AccessSubject.objects.get()
    assert (look.person, look.depth) == (phone.person, "place")


def test_another_persons_touch_takes_no_photo(phone: Phone, trip: Trip, mallory: Person) -> None:
    touch = touched(phone, trip)
    where = f"{CHECK_INS}/{touch.uid}/photo"

    answer = phone_of(mallory).post(where, {"file": file_of(PICTURE)}, format="multipart")

    assert answer.status_code == 404


def test_a_photo_is_no_paper_as_well(phone: Phone, trip: Trip) -> None:
    touch = touched(phone, trip)
    post(phone, touch, PICTURE)
    body = {"upload": str(Photo.objects.get().upload.uid), "kind": "card", "amount": 1}

    answer = phone.api.post(
        f"/api/v1/trips/{trip.uid}/papers", body | {"at": NOON.isoformat()}, format="json"
    )

    assert answer.status_code == 404
    assert sent(phone.api, PICTURE)


def test_the_page_without_a_passkey_leads_to_one(ada: Person, trip: Trip) -> None:
    page = phone_of(ada).get(f"/trips/{trip.uid}/photo/").content.decode()

    assert "/enrol/" in page
    assert "<site-photo" not in page
