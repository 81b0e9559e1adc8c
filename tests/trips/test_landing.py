"""Where a scanned QR leads: the owner to the receipt, a stranger nowhere."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Person
from ledger.models import Access
from tests.conftest import phone_of
from tests.trips.touches import Phone
from trips import evenly
from trips.models import Trip, TripToken

SEARCH = "/api/v1/receipts/search"


def search(person: Person, digits: str) -> tuple[int, str]:
    answer = phone_of(person).post(SEARCH, {"digits": digits}, format="json")
    return answer.status_code, answer.json().get("url", "")


def test_ones_own_receipt_is_found_by_its_digits(phone: Phone, trip: Trip) -> None:
    touches = [phone.touch(trip, kind).json() for kind in ("arrive", "return")]

    found = [search(phone.person, touch["token"]["digits"]) for touch in touches]

    assert found == [(200, f"/trips/{trip.uid}/receipt/?touch={touch['id']}") for touch in touches]
    page = phone.api.get(found[0][1]).content.decode()
    spoken = touches[0]["token"]["spoken"]
    assert f"{spoken[:4]}-{spoken[4:8]}-{spoken[8:]}" in page


def test_the_receipt_of_ones_whole_trip_leads_to_the_trip(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)
    digits = phone.api.get(f"/api/v1/trips/{trip.uid}/token").json()["digits"]

    assert search(phone.person, digits) == (200, f"/trips/{trip.uid}/")


@pytest.mark.parametrize("who", ["bora", "felix", "iris", "olga", "mallory"])
def test_to_anybody_else_it_is_not_there(
    who: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    touch = phone.touch(trip).json()["token"]["digits"]
    whole = phone.api.get(f"/api/v1/trips/{trip.uid}/token").json()["digits"]
    other = request.getfixturevalue(who)

    assert [search(other, digits) for digits in (touch, whole)] == [(404, "")] * 2
    assert not Access.objects.exists()


@pytest.mark.parametrize("digits", ["1", "12", "9" * 17, "1" * 629, "９" * 34, "abc", "1" * 1_024])
def test_noise_is_not_there_either(digits: str, phone: Phone) -> None:
    assert search(phone.person, digits) == (404, "")


@pytest.mark.parametrize("body", [{}, {"digits": ""}, {"digits": "1" * 1_025}, {"digits": [1]}])
def test_what_is_no_question_is_no_shape(body: dict[str, object], phone: Phone) -> None:
    answer = phone.api.post(SEARCH, body, format="json")

    assert answer.status_code == 400
    assert answer.json()["code"] == "request.shape"


def test_one_digit_off_is_not_there(phone: Phone, trip: Trip) -> None:
    digits = phone.touch(trip).json()["token"]["digits"]
    other = digits[:100] + str((int(digits[100]) + 1) % 10) + digits[101:]

    assert search(phone.person, other) == (404, "")


def test_a_receipt_taken_back_still_leads_its_owner_home(phone: Phone, trip: Trip) -> None:
    kept, gone = phone.touch(trip), phone.touch(trip, "return")
    phone.api.post(f"/api/v1/check-ins/{gone.json()['id']}/withdrawal")
    status, url = search(phone.person, gone.json()["token"]["digits"])

    assert status == 200
    assert kept.json()["token"]["spoken"][:4] in phone.api.get(url).content.decode()


def test_no_refusal_comes_sooner_than_another(
    phone: Phone, trip: Trip, mallory: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock that stands still: noise and somebody's receipt wait for the same floor."""
    digits = phone.touch(trip).json()["token"]["digits"]
    waits: list[float] = []
    monkeypatch.setattr(evenly, "monotonic", lambda: 0.0)
    monkeypatch.setattr(evenly, "sleep", waits.append)

    said = [search(mallory, text)[0] for text in ("1", "9" * 17, "1" * 629, digits)]
    assert search(phone.person, digits)[0] == 200

    assert said == [404] * 4
    assert waits == [0.005] * 4


def test_asking_is_bounded(phone: Phone) -> None:
    said = [search(phone.person, "1")[0] for _ in range(32)]

    assert said == [404] * 30 + [429] * 2


def test_the_page_knows_who_may_ask_what(ada: Person, felix: Person, db: None) -> None:
    def page(visitor: Client | APIClient) -> str:
        answer = visitor.get("/V")
        assert answer["Referrer-Policy"] == "no-referrer"
        return str(answer.content.decode())

    stranger, traveller, clerk = page(Client()), page(phone_of(ada)), page(phone_of(felix))

    assert "data-station" not in stranger + traveller
    assert "data-search" not in stranger + clerk
    assert 'data-station="/settlement/scan/"' in clerk
    assert f'data-search="{SEARCH}"' in traveller
    assert "시험시청의 출장 확인증" in stranger
    assert 'href="/login/?next=/V"' in stranger
    assert not TripToken.objects.exists()
