"""The first question of a scan: is it genuine?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Person, Place
from settlement.models import Verification
from tests.conftest import NOON, SITE
from tests.settlement.desk import (
    answers,
    arrival,
    claims_of,
    code_of,
    fixes_at,
    key_of,
    ordered,
    scan,
    sealed_by,
    seen,
    touch,
)
from trips.models import Trip
from trips.services.withdraw import withdraw
from vault import keyring


def test_a_good_touch_of_a_confirmed_trip_is_genuine_and_payable(
    felix: Person, payable: Trip
) -> None:
    said = seen(felix, code_of(arrival(payable)))

    assert answers(said) == ("genuine", "payable")
    assert said["payable"]["won"] == said["total"] == 20_000
    assert said["person"] == {"name": "ada", "department": "안전총괄과"}
    assert said["trip"]["number"] == payable.number
    assert said["genuine"]["reason"] == "시험시청 11월 23일(월) 12:00 발급, 서명과 원장 기록 일치"


def test_the_station_speaks_the_language_of_who_reads(felix: Person, payable: Trip) -> None:
    said = seen(felix, code_of(arrival(payable)), **{"Accept-Language": "en"})

    assert said["genuine"]["answer"] == "Yes, genuine"
    assert said["genuine"]["reason"].endswith("signature and log agree")


def test_digits_alone_are_as_good_as_the_link(felix: Person, payable: Trip) -> None:
    text = code_of(arrival(payable))

    assert answers(seen(felix, text.partition("#")[2])) == ("genuine", "payable")


def test_the_link_of_a_phone_that_writes_small_is_read_as_well(
    felix: Person, payable: Trip
) -> None:
    start, _, number = code_of(arrival(payable)).partition("#")
    small = f"{start.removesuffix('/V').lower()}/V#{number}"

    assert answers(seen(felix, small)) == ("genuine", "payable")


def test_a_position_is_not_among_what_is_shown(felix: Person, payable: Trip) -> None:
    shown = scan(felix, code_of(arrival(payable))).content.decode()

    assert str(SITE.lat_e7)[:5] not in shown
    assert f"{SITE.lat:.2f}" not in shown
    assert f"{SITE.lon:.2f}" not in shown


def test_a_token_sealed_again_by_somebody_is_the_same_touch(felix: Person, payable: Trip) -> None:
    again = sealed_by(keyring.sealer(at=int(NOON.timestamp())), claims_of(payable))

    assert answers(seen(felix, again)) == ("genuine", "payable")


# -- withdrawn, by number -------------------------------------------------------------------


def test_a_touch_taken_back_is_genuine_but_withdrawn(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = ordered(ada, bora, site)
    undone = touch(trip, at=NOON, key=key_of(ada), fixes=fixes_at(NOON))
    withdraw(undone, person=ada, now=NOON + timedelta(seconds=9))

    said = seen(felix, code_of(undone))

    assert said["genuine"]["code"] == "withdrawn"
    assert said["code"] == "revoked"
    assert said["payable"]["code"] == "approval"


def test_a_typed_number_says_that_no_qr_was_read(felix: Person, payable: Trip) -> None:
    said = seen(felix, arrival(payable).spoken, source="typed")

    assert answers(said) == ("by-number", "payable")
    assert said["payable"]["won"] == 20_000
    assert said["genuine"]["reason"] == "QR은 읽지 않았습니다"


@pytest.mark.parametrize("offline", ["provisional", "withdrawn", "unverifiable", "waiting"])
def test_what_a_desk_judged_alone_is_judged_anew_and_marked(
    felix: Person, payable: Trip, offline: str
) -> None:
    said = seen(felix, code_of(arrival(payable)), offline=offline)

    assert answers(said) == ("genuine", "payable")
    assert Verification.objects.get().provisional


def test_a_desk_cannot_tell_the_server_what_a_code_is(felix: Person, db: None) -> None:
    said = seen(felix, "1" * 600, offline="provisional")

    assert answers(said)[0] == "not-ours"


def test_a_verdict_of_another_name_is_of_the_wrong_shape(felix: Person, payable: Trip) -> None:
    answer = scan(felix, code_of(arrival(payable)), offline="genuine")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert not Verification.objects.exists()
