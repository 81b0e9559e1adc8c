"""A receipt number typed by hand: forgiven what a hand writes, refused what it mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import permutations, product
from time import sleep
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.limits import TooMany, spend
from accounts.models import Organisation, Person
from attest.errors import TokenRefused
from attest.spoken import ALPHABET, read_spoken, spoken
from settlement.limits import TYPED
from settlement.models import Verification
from tests.clock import Clock
from tests.conftest import phone_of
from tests.settlement.desk import answers, arrival, names, scan, seen
from trips.models import CheckIn, Trip

# A number with a zero and a one, so that all that may be misread is in it.
NUMBER = next(
    number
    for number in (spoken("localhost", turn.to_bytes(8)) for turn in range(10_000))
    if {"0", "1"} <= set(number)
)


def numbered(trip: Trip, number: str) -> CheckIn:
    """Ada's touch has this number. It stands in no leaf, so nothing else has to change."""
    trip.check_ins.filter(pk=arrival(trip).pk).update(spoken=number.replace("-", ""))
    return arrival(trip)


HANDS: list[Callable[[str], str]] = [
    lambda n: n.replace("-", ""),
    lambda n: n.lower(),
    lambda n: n.replace("-", " "),
    lambda n: f"  {n}  ",
    " - ".join,
    lambda n: n.replace("0", "O"),
    lambda n: n.replace("0", "o"),
    lambda n: n.replace("1", "I"),
    lambda n: n.replace("1", "l"),
    lambda n: n.replace("1", "L").replace("0", "O").lower(),
]


def test_however_it_is_written_it_is_found(felix: Person, payable: Trip) -> None:
    """Ten hands, ten ways; as many as a minute allows."""
    numbered(payable, NUMBER)

    said = [answers(seen(felix, hand(NUMBER), source="typed")) for hand in HANDS]

    assert said == [("by-number", "payable")] * 10


def test_u_is_refused_with_its_own_words(felix: Person, payable: Trip) -> None:
    number = "U" + arrival(payable).spoken[1:]

    said = seen(felix, number, source="typed")
    english = seen(felix, number.lower(), source="typed", **{"Accept-Language": "en"})

    assert answers(said) == ("not-ours", "waiting")
    assert said["genuine"]["reason"] == "U는 쓰지 않습니다"
    assert english["genuine"]["reason"] == "U is not used"


def sound(wanted: dict[int, str]) -> str:
    """Twelve letters that are a number, with *wanted* at their places."""
    free = [place for place in range(11) if place not in wanted][:2]
    for one, other in product(ALPHABET, repeat=2):
        letters = dict(zip(free, (one, other), strict=True)) | wanted
        body = "".join(letters.get(place, "7") for place in range(11))
        value = 0
        for letter in body:
            value = 32 * value + ALPHABET.index(letter)
        if value % 37 < 32 and wanted.get(11) in {None, ALPHABET[value % 37]}:
            return body + ALPHABET[value % 37]
    raise AssertionError(wanted)


def is_read(letters: str) -> bool:
    try:
        read_spoken(letters)
    except TokenRefused:
        return False
    return True


@pytest.mark.parametrize("place", range(12))
def test_every_single_wrong_letter_at_every_place_is_caught(place: int) -> None:
    """Each of the 32 letters, taken for each of the 31 others."""
    for letter in ALPHABET:
        number = sound({place: letter})
        wrong = [number[:place] + other + number[place + 1 :] for other in ALPHABET]
        assert [read for read in wrong if is_read(read)] == [number]


@pytest.mark.parametrize("place", range(11))
def test_every_swap_of_every_two_neighbours_is_caught(place: int) -> None:
    """Each ordered pair of different letters, also across a hyphen and with the check symbol."""
    for one, other in permutations(ALPHABET, 2):
        number = sound({place: one, place + 1: other})
        swapped = number[:place] + other + one + number[place + 2 :]
        assert is_read(number)
        assert not is_read(swapped)


def test_a_slip_of_the_hand_is_said_and_finds_nobody(felix: Person, payable: Trip) -> None:
    letters = numbered(payable, NUMBER).spoken
    slip = letters[:4] + ("2" if letters[4] != "2" else "3") + letters[5:]

    said = seen(felix, slip, source="typed")

    assert answers(said) == ("not-ours", "waiting")
    assert "열두" in said["genuine"]["reason"] or "12" in said["genuine"]["reason"]
    assert said["genuine"]["answer"] == "이 번호의 기록이 없습니다"


def test_a_sound_number_nobody_has_is_said_so(felix: Person, payable: Trip) -> None:
    said = seen(felix, spoken("localhost", b"nobodys!"), source="typed")

    assert answers(said) == ("not-ours", "waiting")
    assert said["code"] == "no_record"
    assert Verification.objects.get().refused_at == "spoken"


@pytest.mark.parametrize(
    "noise", ["", " ", "-" * 12, "2JC8-PN28", "가나다라마바사아자차카타", "9" * 64]
)
def test_noise_is_no_number(felix: Person, payable: Trip, noise: str) -> None:
    answer = scan(felix, noise, source="typed")

    assert answer.status_code in {200, 400}
    assert "person" not in answer.json()


def test_every_number_of_ours_reads_as_it_was_written() -> None:
    for turn in range(200):
        number = spoken(settings.HOST, turn.to_bytes(8))
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", number)
        assert read_spoken(number) == number


# -- for whom ---------------------------------------------------------------------------------


def test_a_clerk_of_another_office_finds_nobody_by_number(felix: Person, payable: Trip) -> None:
    elsewhere = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=felix.pk).update(organisation=elsewhere)
    felix.refresh_from_db()

    answer = scan(felix, arrival(payable).spoken, source="typed")

    assert answer.json()["code"] == "no_record"
    assert not names("ada", answer)


@pytest.mark.parametrize("who", ["ada", "bora", "iris", "olga", "mallory"])
def test_a_number_says_nothing_to_who_is_no_clerk(
    who: str, payable: Trip, request: pytest.FixtureRequest
) -> None:
    answer = scan(request.getfixturevalue(who), arrival(payable).spoken, source="typed")

    assert answer.status_code == 403
    assert not Verification.objects.exists()


def test_a_stranger_with_a_number_is_asked_to_sign_in(payable: Trip) -> None:
    body = {"text": arrival(payable).spoken, "source": "typed"}

    assert APIClient().post("/api/v1/verifications", body, format="json").status_code == 401


# -- ten a minute -----------------------------------------------------------------------------


def test_ten_numbers_a_minute_and_then_a_pause(felix: Person, payable: Trip, clock: Clock) -> None:
    number = arrival(payable).spoken
    first = [scan(felix, number, source="typed").status_code for _ in range(10)]
    refused = scan(felix, number, source="typed")

    assert set(first) == {200}
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate.limit"
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= 60
    assert Verification.objects.count() == 10

    clock.later(seconds=wait)
    assert scan(felix, number, source="typed").status_code == 200
    assert scan(felix, number, source="typed").status_code == 429


def test_the_pause_of_one_clerk_is_not_anothers(
    felix: Person, flora: Person, payable: Trip
) -> None:
    for _ in range(11):
        scan(felix, "U", source="typed")

    assert scan(felix, "U", source="typed").status_code == 429
    assert scan(flora, "U", source="typed").status_code == 200


def test_a_camera_is_not_slowed_by_typing(felix: Person, payable: Trip) -> None:
    for _ in range(11):
        scan(felix, "U", source="typed")

    assert scan(felix, "31415926").status_code == 200


def test_the_bucket_fills_evenly_and_never_overflows(
    felix: Person, payable: Trip, clock: Clock
) -> None:
    for _ in range(10):
        scan(felix, "U", source="typed")
    clock.later(hours=5)

    again = [scan(felix, "U", source="typed").status_code for _ in range(12)]

    assert again == [200] * 10 + [429] * 2


class Yielding:
    """The cache, and after each look at it another hand's turn."""

    set = cache.set

    def get(self, key: str) -> Any:
        found = cache.get(key)
        sleep(0)
        return found


def test_eight_hands_at_once_have_ten_tries_like_one(
    felix: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody gets further by asking in parallel: each try is counted before the next is."""
    monkeypatch.setattr("accounts.limits.cache", Yielding())

    def tries(_: int) -> int:
        found = 0
        for _ in range(50):
            with suppress(TooMany):
                spend(felix, TYPED, now=clock.at)
                found += 1
        return found

    with ThreadPoolExecutor(8) as hands:
        assert sum(hands.map(tries, range(8))) == TYPED.most


def test_a_clerk_scans_two_a_second(felix: Person, db: None) -> None:
    desk = phone_of(felix)
    body = {"text": "31415926", "source": "camera"}

    codes = [
        desk.post("/api/v1/verifications", body, format="json").status_code for _ in range(122)
    ]

    assert codes == [200] * 120 + [429] * 2


# -- without script ----------------------------------------------------------------------------


def test_the_page_takes_a_number_without_script(felix: Person, payable: Trip) -> None:
    answer = phone_of(felix).post("/settlement/scan/", {"number": arrival(payable).spoken})
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "지급할 수 있습니다" in page
    assert "20,000원" in page
    assert names("ada", answer)


def test_the_page_says_what_is_wrong_with_a_number(felix: Person, payable: Trip) -> None:
    page = phone_of(felix).post("/settlement/scan/", {"number": "UUUU-UUUU-UUUU"})

    assert "U는 쓰지 않습니다" in page.content.decode()
    assert not names("ada", page)


def test_the_page_pauses_after_ten_numbers_too(felix: Person, payable: Trip) -> None:
    desk = phone_of(felix)
    for _ in range(10):
        desk.post("/settlement/scan/", {"number": "2JC8-PN28-H6W3"})

    refused = desk.post("/settlement/scan/", {"number": "2JC8-PN28-H6W3"})

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert f"{refused.headers['Retry-After']}초" in refused.content.decode()


def test_the_list_of_the_day_names_nobody(felix: Person, payable: Trip) -> None:
    seen(felix, arrival(payable).spoken, source="typed")

    page = phone_of(felix).get("/settlement/scan/")

    assert payable.number in page.content.decode()
    assert not names("ada", page)


def test_yesterdays_scans_are_not_todays(felix: Person, payable: Trip, clock: Clock) -> None:
    seen(felix, arrival(payable).spoken, source="typed")
    clock.at += timedelta(days=1)

    assert payable.number not in phone_of(felix).get("/settlement/scan/").content.decode()
