"""The token of a touch: opened by who has the key, read by any camera, drawn for its owner."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError
from PIL import Image

from accounts.models import Person
from attest.errors import NotYours
from attest.spoken import spoken
from tests.conftest import NOON, phone_of
from tests.trips.log import rows
from tests.trips.test_qr import painted, scanned
from tests.trips.touches import LAT_E7, LON_E7, Phone, without_position
from trips.models import CheckIn, Trip
from trips.receipt import receipt_of


def opened(text: str, keys: Path) -> dict[str, Any]:
    """As a clerk without our server opens it: the command, the key file, the text."""
    command = [sys.executable, "-m", "attest", "token", "open", "--host", settings.HOST]
    asked = ["--keys", str(keys / "opening-keys.json"), "--now", str(int(NOON.timestamp())), text]
    done = subprocess.run(
        command + asked,
        check=True,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_the_opening_key_opens_it_without_us(phone: Phone, trip: Trip, key_folder: Path) -> None:
    touch = phone.touch(trip).json()
    said = opened(touch["token"]["text"], key_folder)

    kept = CheckIn.objects.get()
    assert said["result"] == "ok"
    claims = said["claims"]
    assert claims["sub"] == phone.person.alias
    assert claims["trip"] == trip.number
    assert claims["kind"] == 1
    assert claims["iat"] == int(NOON.timestamp())
    assert claims["cti"] == bytes(kept.cti).hex()
    assert claims["device"] == bytes(phone.key.device.digest).hex()
    assert abs(claims["location"]["lat"] - LAT_E7 / 1e7) < 1e-4
    assert abs(claims["location"]["lon"] - LON_E7 / 1e7) < 1e-4


def test_a_token_without_position_says_none(phone: Phone, trip: Trip, key_folder: Path) -> None:
    touch = phone.touch(trip, "return", **without_position("refused")).json()
    claims = opened(touch["token"]["text"], key_folder)["claims"]

    assert claims["kind"] == 2
    assert "location" not in claims


def test_two_touches_of_one_moment_are_two_tokens(phone: Phone, trip: Trip) -> None:
    texts = {phone.touch(trip).json()["token"]["text"] for _ in range(3)}

    assert len(texts) == 3
    assert len(set(CheckIn.objects.values_list("cti", flat=True))) == 3


@pytest.mark.parametrize("taken", ["cti", "spoken"])
def test_an_id_or_a_number_that_is_taken_is_drawn_again(
    taken: str, phone: Phone, trip: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dice fall on another touch's first; of the first try nothing is left."""
    first = phone.touched(trip)
    clash = {"cti": bytes(first.cti), "spoken": token_bytes(8)}[taken]
    number = spoken(settings.HOST, clash).replace("-", "")
    CheckIn.objects.filter(pk=first.pk).update(spoken=number)
    rolls = iter([clash])
    monkeypatch.setattr(
        "trips.touch_rows.token_bytes",
        lambda size: next(rolls, token_bytes(size)) if size == 8 else token_bytes(size),
    )
    before = rows()

    other = phone.touched(trip, "return")

    assert next(rolls, None) is None
    assert bytes(other.cti) not in {clash, bytes(first.cti)}
    assert other.spoken != number
    assert rows()["trips_checkin"] == before["trips_checkin"] + 1


def test_dice_that_never_fall_otherwise_are_not_thrown_for_ever(
    phone: Phone, trip: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = bytes(phone.touched(trip).cti)
    envelope = phone.envelope(trip)
    monkeypatch.setattr(
        "trips.touch_rows.token_bytes", lambda size: taken if size == 8 else token_bytes(size)
    )

    with pytest.raises(IntegrityError):
        phone.send(envelope)
    assert CheckIn.objects.count() == 1


# --- the drawing ------------------------------------------------------------------------


def fetch(phone: Phone, name: str, uid: str) -> Any:
    return phone.api.get(f"/api/v1/check-ins/{uid}/qr.{name}")


def test_the_png_says_the_token(phone: Phone, trip: Trip) -> None:
    touch = phone.touch(trip).json()
    answer = fetch(phone, "png", touch["id"])

    assert answer["Content-Type"] == "image/png"
    assert scanned(Image.open(BytesIO(answer.content))) == touch["token"]["text"]


def test_the_svg_says_the_token(phone: Phone, trip: Trip) -> None:
    touch = phone.touch(trip).json()
    answer = fetch(phone, "svg", touch["id"])

    assert answer["Content-Type"] == "image/svg+xml"
    assert scanned(painted(answer.content.decode())) == touch["token"]["text"]


def test_svg_and_png_are_the_same_modules(phone: Phone, trip: Trip) -> None:
    uid = phone.touch(trip).json()["id"]
    drawn = painted(fetch(phone, "svg", uid).content.decode()).convert("1")
    small = Image.open(BytesIO(fetch(phone, "png", uid).content)).resize(
        drawn.size, Image.Resampling.NEAREST
    )

    assert drawn.tobytes() == small.tobytes()


@pytest.mark.parametrize("name", ["svg", "png"])
@pytest.mark.parametrize("who", ["bora", "felix", "mallory"])
def test_nobody_else_is_shown_adas_code(
    name: str, who: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    uid = phone.touch(trip).json()["id"]
    other = phone_of(request.getfixturevalue(who))

    assert other.get(f"/api/v1/check-ins/{uid}/qr.{name}").status_code == 404


@pytest.mark.parametrize("name", ["svg", "png"])
def test_what_is_no_evidence_gets_no_code(name: str, phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)
    phone.touch(trip, asked=asked)
    replayed = phone.touch(trip, asked=asked).json()

    assert fetch(phone, name, replayed["id"]).status_code == 404
    assert replayed["token"]["text"]


def test_not_even_our_own_code_opens_anothers_receipt(
    phone: Phone, trip: Trip, bora: Person
) -> None:
    touch = phone.touched(trip)

    with pytest.raises(NotYours):
        receipt_of(touch, reader=bora)


def test_the_page_of_the_receipt_draws_the_same_code(phone: Phone, trip: Trip) -> None:
    touch = phone.touch(trip).json()
    page = phone.api.get(f"/trips/{trip.uid}/receipt/").content.decode()
    path = page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns"))]

    assert scanned(painted(path)) == touch["token"]["text"]
