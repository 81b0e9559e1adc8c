"""One touch of the button, from the question to the token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.models import Person
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import line_of, rows, types
from tests.trips.touches import (
    CHALLENGES,
    CHECK_INS,
    Phone,
    codes,
    facts_in,
    fixes_of,
    record_of,
    without_position,
)
from trips.models import Challenge, CheckIn, State, Trip

# Still inside the site, eight hundred steps away.
ELSEWHERE_E7 = 352_541_337


def test_an_arrival_earns_a_token_and_a_place_in_words(phone: Phone, trip: Trip) -> None:
    answer = phone.touch(trip)

    said = answer.json()
    assert answer.status_code == 201
    assert said["verdict"] == "SUFFICIENT"
    assert {"who.passkey-bound", "where.inside-fine", "where.varies"} <= codes(answer)
    assert said["place"].startswith("경상남도 창원시")
    assert said["trip"] == str(trip.uid)
    assert said["token"]["text"] == f"HTTPS://LOCALHOST:8000/V#{said['token']['digits']}"
    trip.refresh_from_db()
    assert trip.state == State.TRAVELLING


def test_it_says_all_that_the_contract_names(phone: Phone, trip: Trip) -> None:
    said = phone.touch(trip).json()

    assert set(said) == {
        *("id", "trip", "recorded_at", "kind", "place", "verdict", "support", "concern"),
        *("reasons", "missing", "missing_mode", "token", "log_receipt", "expected", "undo_until"),
        *("earliest_at", "claimed_at", "position"),
    }
    assert set(said["token"]) == {"text", "digits", "spoken"}
    assert all(reason["why_ko"] and reason["why_en"] for reason in said["reasons"])


def test_the_servers_clock_counts_and_the_phones_is_kept_beside_it(
    phone: Phone, trip: Trip
) -> None:
    slow = int((NOON - timedelta(minutes=3)).timestamp() * 1000)

    touch = phone.touched(trip, at_ms=slow)

    assert touch.recorded_at == NOON
    assert touch.offset_ms == -180_000


def test_arriving_and_returning_is_a_trip(phone: Phone, trip: Trip, clock: Clock) -> None:
    phone.touch(trip)
    clock.later(hours=2)
    answer = phone.touch(trip, "return")

    assert answer.status_code == 201
    trip.refresh_from_db()
    assert trip.state == State.RETURNED
    assert [leaf["t"] for leaf in line_of(trip.log_id)] == [
        *("trip-open", "approval", "checkin", "checkin"),
    ]


def test_a_return_shows_how_long_the_stay_was(phone: Phone, trip: Trip, clock: Clock) -> None:
    arrival = phone.touched(trip)
    clock.later(hours=2)
    phone.touch(trip, "return")

    before, after = arrival.assessments.all()
    assert "stay_s" not in facts_in(before)
    assert facts_in(after)["stay_s"] == 2 * 60 * 60
    assert "stay.both-ends" in {reason["code"] for reason in after.reasons}


def test_a_return_on_the_next_evening_belongs_to_its_arrival_too(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    arrival = phone.touched(trip)
    clock.later(hours=31)
    phone.sign_in()
    phone.touch(trip, "return")

    assert facts_in(arrival.assessments.all()[1])["stay_s"] == 31 * 60 * 60


def test_a_return_more_than_a_year_later_is_kept_as_well(phone: Phone, trip: Trip) -> None:
    arrival = phone.touched(trip)
    CheckIn.objects.update(recorded_at=NOON - timedelta(days=400))

    assert phone.touch(trip, "return").status_code == 201
    assert arrival.assessments.count() == 2


def test_a_stop_is_a_touch_on_the_way(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)
    answer = phone.touch(trip, "stop", fixes=fixes_of(ELSEWHERE_E7))

    assert answer.json()["kind"] == "stop"
    trip.refresh_from_db()
    assert trip.state == State.TRAVELLING


# --- once ------------------------------------------------------------------------------


def test_touching_twice_is_one_touch(phone: Phone, trip: Trip) -> None:
    envelope = phone.envelope(trip)
    first, again = phone.send(envelope), phone.send(envelope)

    assert [first.status_code, again.status_code] == [201, 200]
    assert first.json() == again.json()
    assert CheckIn.objects.count() == 1
    assert types() == ["trip-open", "approval", "checkin"]


def test_an_answer_lost_for_a_day_is_given_again(phone: Phone, trip: Trip, clock: Clock) -> None:
    envelope = phone.envelope(trip)
    first = phone.send(envelope).json()
    clock.later(days=1)
    phone.sign_in()
    again = phone.send(envelope)

    assert again.status_code == 200
    assert again.json()["token"] == first["token"]


def test_it_can_be_asked_for_by_its_own_address(phone: Phone, trip: Trip) -> None:
    first = phone.touch(trip).json()

    assert phone.api.get(f"{CHECK_INS}/{first['id']}").json() == first


def test_one_id_cannot_name_two_touches(phone: Phone, trip: Trip) -> None:
    name = str(uuid4())
    phone.touch(trip, id=name)
    other = phone.touch(trip, id=name, **without_position("refused"))

    assert other.status_code == 409
    assert other.json()["code"] == "check-in.id-reused"
    assert CheckIn.objects.count() == 1


def test_an_id_of_somebody_else_is_taken_too(phone: Phone, trip: Trip, mallory: Person) -> None:
    touch = phone.touched(trip)
    other = Phone.of(mallory).touch(None, id=str(touch.client_id))

    assert other.status_code == 409
    assert CheckIn.objects.count() == 1


def test_a_touch_refused_for_its_id_burns_no_challenge(phone: Phone, trip: Trip) -> None:
    name, asked = str(uuid4()), phone.ask(trip)
    phone.touch(trip, id=name)
    phone.touch(trip, id=name, asked=asked, kind="stop")

    assert "integrity.challenge-reused" not in codes(phone.touch(trip, asked=asked))


# --- whose -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bora", "felix", "iris", "olga", "mallory"])
def test_nobody_else_can_touch_for_ada(
    name: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    envelope = phone.envelope(trip)
    outsider, before = phone_of(request.getfixturevalue(name)), rows()

    assert outsider.post(CHALLENGES, {"trip": str(trip.uid)}, format="json").status_code == 404
    assert outsider.post(CHECK_INS, envelope, format="json").status_code == 404
    assert rows() == before


def test_a_trip_that_is_not_there_is_404(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)

    assert phone.touch(Trip(uid=uuid4()), asked=asked).status_code == 404


def test_a_companions_passkey_signs_nothing_for_ada(
    phone: Phone, trip: Trip, mallory: Person
) -> None:
    asked = phone.ask(trip)
    theirs = Phone.of(mallory).sealed(record_of(trip, asked), asked)

    answer = phone.send(theirs)
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.signature"}
    assert CheckIn.objects.get().device is None


# --- without a position ------------------------------------------------------------------


@pytest.mark.parametrize("state", ["refused", "unavailable", "timeout", "unsupported"])
def test_a_touch_without_position_is_kept_and_counts_against_nobody(
    state: str, phone: Phone, trip: Trip
) -> None:
    answer = phone.touch(trip, **without_position(state))

    assert answer.status_code == 201
    assert answer.json()["concern"] == 0
    assert answer.json()["place"] is None
    assert answer.json()["token"]["text"]
    assert "place.unknown" in codes(answer)
    assert CheckIn.objects.get().best_fix is None


def test_a_touch_that_leads_nowhere_in_korea_has_no_words(phone: Phone, trip: Trip) -> None:
    answer = phone.touch(trip, fixes=fixes_of(356_762_000, 1_396_503_000))

    assert answer.status_code == 201
    assert answer.json()["place"] is None


@pytest.mark.parametrize(
    ("lat", "lon"), [(900_000_097, 0), (-899_999_903, 1_799_999_869), (0, -1_800_000_131)]
)
def test_the_ends_of_the_earth_are_positions(lat: int, lon: int, phone: Phone, trip: Trip) -> None:
    assert phone.touch(trip, fixes=fixes_of(lat, lon, count=1)).status_code == 201


# --- what it is called and asked ------------------------------------------------------------


def test_the_spoken_code_is_its_own_and_names_the_touch(phone: Phone, trip: Trip) -> None:
    spoken = {phone.touch(trip).json()["token"]["spoken"] for _ in range(8)}

    assert len(spoken) == 8
    assert spoken == set(CheckIn.objects.values_list("spoken", flat=True))
    assert {len(code) for code in spoken} == {12}


def test_a_live_challenge_is_thirty_two_bytes_and_ten_minutes(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)

    kept = Challenge.objects.get(uid=UUID(asked["id"]))
    assert asked["life_s"] == 600
    assert asked["issued_ms"] == int(NOON.timestamp() * 1000)
    assert (kept.person, kept.trip, len(bytes(kept.nonce))) == (phone.person, trip, 32)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"trip": "x"}, {"trip": []}, {"trip": None, "count": 0}, {"trip": None, "count": 99}],
)
def test_a_question_of_another_shape_is_refused(wrong: dict[str, Any], phone: Phone) -> None:
    assert phone.api.post(CHALLENGES, wrong, format="json").status_code == 400
    assert not Challenge.objects.exists()
