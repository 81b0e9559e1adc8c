"""The help desk takes in what a broken phone saved; nobody's words are put into their mouth."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Device, Person, Post
from ledger.models import Outbox
from tests.clock import Clock
from tests.trips.offline import Pocket, fresh_id
from tests.trips.touches import Phone
from trips.models import CheckIn, Trip


@pytest.fixture
def pocket(phone: Phone, trip: Trip, clock: Clock) -> Pocket:
    pocket = Pocket(phone, clock)
    pocket.stock(trip)
    clock.later(minutes=1)
    return pocket


def hand_in(by: Person, whose: Person, said: Any) -> Any:
    page = Client()
    page.force_login(by, backend="accounts.backends.NumberBackend")
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    file = SimpleUploadedFile("tripseal.json", raw, content_type="application/json")
    return page.post(f"/manage/people/{whose.uid}/hand-in/", {"file": file})


def file_of(*envelopes: dict[str, Any]) -> dict[str, Any]:
    return {"v": 1, "envelopes": list(envelopes)}


def test_a_saved_file_becomes_her_touches_once_and_she_is_told(
    pocket: Pocket, trip: Trip, olga: Person, ada: Person, clock: Clock
) -> None:
    said = file_of(pocket.press(trip), pocket.press(trip, "return"))
    clock.later(hours=30)

    for _ in range(2):
        answer = hand_in(olga, ada, said)
        assert (answer.context["count"], answer.context["faults"]) == (2, [])

    assert CheckIn.objects.filter(trip__traveller=ada).count() == 2
    assert Post.objects.filter(person=ada, kind="handed_in").count() == 1
    told = [json.loads(bytes(row.entry)) for row in Outbox.objects.all()]
    assert [leaf for leaf in told if leaf.get("name") == "handed-in"]


def test_a_touch_taken_back_while_it_waited_is_taken_back(
    pocket: Pocket, trip: Trip, olga: Person, ada: Person
) -> None:
    pressed = pocket.press(trip)
    answer = hand_in(olga, ada, file_of(pressed, {"withdraws": pressed["id"]}))

    assert answer.context["faults"] == []
    assert CheckIn.objects.get().withdrawn_at


def test_nobody_takes_back_by_a_file_what_it_did_not_bring(
    phone: Phone, pocket: Pocket, trip: Trip, olga: Person, ada: Person
) -> None:
    touch = phone.touched(trip)
    answer = hand_in(olga, ada, file_of({"withdraws": str(touch.client_id)}))

    assert (answer.context["count"], len(answer.context["faults"])) == (0, 1)
    touch.refresh_from_db()
    assert touch.withdrawn_at is None


@pytest.mark.parametrize("how", ["unsigned", "edited", "another's key", "never asked", "foreign"])
def test_what_her_own_key_did_not_sign_is_not_taken_from_another(
    how: str, phone: Phone, pocket: Pocket, trip: Trip, olga: Person, ada: Person, mallory: Person
) -> None:
    """An administrator could else write a touch for anybody, or fill their trips with rubbish."""
    pressed = pocket.press(trip)
    if how == "unsigned":
        pressed["proof"] = {"kind": "none"}
    elif how == "edited":
        pressed["record"] = pressed["record"].replace('"kind":"arrive"', '"kind":"return"')
    elif how == "another's key":
        pressed["proof"] = pocket.press(trip, by=Phone.of(mallory).key)["proof"]
    elif how == "never asked":
        asked = {"id": fresh_id(), "nonce": "A" * 43}
        pressed = phone.envelope(trip, asked=asked)
    else:
        pressed = Phone.of(mallory).envelope(None)
    before = CheckIn.objects.count()

    answer = hand_in(olga, ada, file_of(pressed))

    assert (answer.context["count"], answer.context["faults"]) == (
        0,
        ["이 사람의 열쇠로 서명한 기록이 아닙니다."],
    )
    assert CheckIn.objects.count() == before


def test_one_bad_entry_spoils_no_other(
    pocket: Pocket, trip: Trip, olga: Person, ada: Person
) -> None:
    bad: list[Any] = [{}, {"id": "x", "record": "{}", "proof": {}}, {"id": fresh_id(), "record": 1}]
    answer = hand_in(olga, ada, file_of(*bad, pocket.press(trip)))

    assert (answer.context["count"], len(answer.context["faults"])) == (1, 3)


def test_a_key_that_fell_after_the_touch_still_signed_it(
    pocket: Pocket, trip: Trip, olga: Person, ada: Person, clock: Clock
) -> None:
    pressed = pocket.press(trip)
    clock.later(hours=1)
    Device.objects.update(state="revoked", revoked_at=clock())
    hand_in(olga, ada, file_of(pressed))

    assert CheckIn.objects.get().assessments.get().verdict != "INVALID"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"v":2,"envelopes":[{}]}',
        b'{"v":1,"envelopes":[]}',
        b'{"v":1,"envelopes":[1]}',
        b'{"v":1,"envelopes":[' + b"{}," * 50 + b"{}]}",
        b"[" * 100_000,
        b" " * 1_048_577,
        b"\xff\xfe",
    ],
    ids=range(10),
)
def test_a_file_that_is_none_is_refused_in_words(raw: bytes, olga: Person, ada: Person) -> None:
    answer = hand_in(olga, ada, raw)

    assert answer.status_code == 400
    assert answer.context["trouble"]
    assert not Post.objects.filter(kind="handed_in").exists()


def test_only_administrators_hand_in_and_not_for_themselves_or_another_office(
    pocket: Pocket, trip: Trip, olga: Person, ada: Person, bora: Person
) -> None:
    said = file_of(pocket.press(trip))

    assert hand_in(bora, ada, said).status_code == 403
    assert hand_in(ada, ada, said).status_code == 403
    assert hand_in(olga, olga, said).status_code == 400
    assert not CheckIn.objects.exists()
