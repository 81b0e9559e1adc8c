"""People write as their keyboards do: no spelling of theirs keeps a trip from being made."""

from __future__ import annotations

import json
from unicodedata import normalize

import pytest

from accounts.models import Person, Place
from ledger.models import Opening, Outbox
from tests.conftest import NOON, phone_of, plan_of
from tests.trips.log import types
from tests.trips.stages import Stages
from tests.trips.touches import Phone
from trips.models import State, Trip
from trips.plan import PlannedStop
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for
from vault.sealed import KeyName, unseal_opening

APART = normalize("NFD", "도로 점검")  # as some desks and phones send Hangul: letter by letter
SPELLINGS = [
    APART,
    "두 줄\r\n이유",
    "칸\t사이",
    "종\x07소리",
    "줄\x0b바꿈",
    "👩🏽‍🔧 점검",
    "e\u0301te",
    "\u200b점검",
]


def said_in_last_leaf(group: str) -> dict[str, object]:
    """What the newest leaf hides, as its opening has it."""
    leaf = Outbox.objects.order_by("-pk").first()
    assert leaf is not None
    row = Opening.objects.get(leaf_hash=bytes(leaf.leaf_hash), group=group)
    plain = unseal_opening(
        bytes(row.nonce),
        bytes(row.sealed),
        key=KeyName.read(row.dek),
        leaf_hash=bytes(leaf.leaf_hash),
    )
    said: dict[str, object] = json.loads(plain[32:])
    return said


@pytest.mark.parametrize("words", SPELLINGS)
def test_a_purpose_and_a_place_in_any_spelling_are_requested(
    words: str, ada: Person, bora: Person, clock: object
) -> None:
    stops = (PlannedStop(words, "48120"),)
    plan = plan_of(bora, Place(name=""), purpose=words, stops=stops)
    trip = ask_for(draft(traveller=ada, plan=plan, now=NOON), now=NOON)

    assert trip.purpose == words
    assert types() == ["trip-open"]


@pytest.mark.parametrize("words", SPELLINGS)
def test_a_reason_in_any_spelling_is_kept(words: str, phone: Phone, trip: Trip) -> None:
    body = {"what": "time", "value": words, "reason": words}
    answer = phone.api.post(f"/api/v1/trips/{trip.uid}/corrections", body, format="json")

    assert answer.status_code == 201
    assert answer.json()["reason"] == words.strip()


def test_two_lines_typed_into_a_page_are_kept(phone: Phone, trip: Trip) -> None:
    form = {"what": "time", "value": "18:00", "reason": "첫 줄\r\n둘째 줄"}
    answer = phone.api.post(f"/trips/{trip.uid}/correct/", form, format=None)

    assert answer.status_code == 302
    assert said_in_last_leaf("biz")["reason"] == "첫 줄\n둘째 줄"


def test_an_approver_gives_back_with_two_lines(stages: Stages, bora: Person) -> None:
    trip = stages[State.REQUESTED]()
    form = {"return": "", "reason": "첫 줄\r\n둘째 줄"}

    answer = phone_of(bora).post(f"/approvals/{trip.uid}/", form, format=None)
    assert answer.status_code == 302
    assert said_in_last_leaf("biz")["note"] == "첫 줄\n둘째 줄"


def test_a_note_to_an_order_may_be_spelled_apart(stages: Stages, bora: Person) -> None:
    order(stages[State.REQUESTED](), approver=bora, now=NOON, note=APART)

    assert said_in_last_leaf("biz")["note"] == "도로 점검"


def test_who_is_called_in_letters_apart_can_touch_all_the_same(phone: Phone) -> None:
    Person.objects.filter(pk=phone.person.pk).update(name=normalize("NFD", "가나다"))

    assert phone.touch(None).status_code == 201


def test_half_a_letter_is_no_word(phone: Phone, bora: Person) -> None:
    body = {
        "purpose": "x",
        "starts_at": "2026-11-23T03:00:00Z",
        "ends_at": "2026-11-23T07:30:00Z",
        "vehicle": "transit",
        "approver": str(bora.uid),
        "stops": [{"unit": "48120", "text": "의창구청 2층"}],
    }
    text = json.dumps(body).replace('"x"', '"\\ud800"').encode()
    answer = phone.post("/api/v1/trips", text)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert not Trip.objects.exists()
