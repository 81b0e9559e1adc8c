"""One touch of the button, from the question to the token."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from accounts.models import Person, Place
from accounts.services.revoke_device import revoke_device
from attest.documents import read_status
from attest.keyfile import read_opening_keys
from attest.record import canonical
from tests.attest.evidence_facts import FILE
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import line_of, rows, types
from tests.trips.stages import Stages
from tests.trips.touches import (
    CHALLENGES,
    CHECK_INS,
    Phone,
    codes,
    facts_in,
    fixes_of,
    record_of,
    unsigned,
    without_position,
)
from trips.models import Assessment, Challenge, CheckIn, State, Trip
from trips.services.confirm import confirm
from trips.services.return_request import return_request

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


# --- what cannot be evidence is kept and shown --------------------------------------------


def test_a_replayed_challenge_is_kept_and_is_no_evidence(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)
    phone.touch(trip, asked=asked)
    answer = phone.touch(trip, asked=asked)

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.challenge-reused"}


def test_a_challenge_of_another_trip_is_foreign(phone: Phone, trip: Trip, other_trip: Trip) -> None:
    answer = phone.touch(trip, asked=phone.ask(other_trip))

    assert answer.status_code == 201
    assert codes(answer) == {"integrity.challenge-foreign"}


def test_a_challenge_of_another_person_is_foreign_and_stays_theirs(
    phone: Phone, trip: Trip, mallory: Person
) -> None:
    theirs = Phone.of(mallory)
    asked = theirs.ask(None)

    assert codes(phone.touch(trip, asked=asked)) == {"integrity.challenge-foreign"}
    assert Challenge.objects.get(uid=asked["id"]).used_at is None
    assert theirs.touch(None, asked=asked, fixes=fixes_of(ELSEWHERE_E7)).json()["support"]


def test_an_unknown_challenge_is_unknown(phone: Phone, trip: Trip) -> None:
    made_up = phone.ask(trip) | {"id": str(uuid4())}

    assert "integrity.challenge-unknown" in codes(phone.touch(trip, asked=made_up))


@pytest.mark.parametrize(
    ("seconds", "found"), [(600, set()), (601, {"integrity.challenge-expired"})]
)
def test_a_challenge_lives_ten_minutes_and_no_second_longer(
    seconds: int, found: set[str], phone: Phone, trip: Trip, clock: Clock
) -> None:
    asked = phone.ask(trip)
    clock.later(seconds=seconds)
    answer = phone.touch(trip, asked=asked)

    assert answer.status_code == 201
    assert {code for code in codes(answer) if code.startswith("integrity")} == found


def test_a_record_changed_after_it_was_signed_is_invalid(phone: Phone, trip: Trip) -> None:
    envelope = phone.envelope(trip)
    changed = canonical(json.loads(envelope["record"]) | {"kind": "return"})
    answer = phone.send(envelope | {"record": changed})

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.signature"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8000.evil.example"},
        {"rp_id": "evil.example"},
        {"kind": "webauthn.create"},
        {"crossOrigin": True},
        {"flags": 0x04},
    ],
    ids=lambda wrong: "-".join(map(str, *wrong.items())),
)
def test_a_signature_made_elsewhere_is_invalid(
    wrong: dict[str, Any], phone: Phone, trip: Trip
) -> None:
    asked = phone.ask(trip)
    answer = phone.send(phone.sealed(record_of(trip, asked), asked, **wrong))

    assert answer.status_code == 201
    assert codes(answer) == {"integrity.signature"}


@pytest.mark.parametrize("name", ["authenticator_data", "client_data", "signature"])
def test_a_flipped_bit_anywhere_in_the_proof_is_never_evidence(
    name: str, phone: Phone, trip: Trip
) -> None:
    envelope = phone.envelope(trip)
    letters = envelope["proof"][name]
    flipped = letters[:-6] + ("A" if letters[-6] != "A" else "B") + letters[-5:]
    answer = phone.send(envelope | {"proof": envelope["proof"] | {name: flipped}})

    assert answer.status_code in {201, 400}
    assert not Assessment.objects.exclude(verdict="INVALID").exists()


def test_a_revoked_passkey_is_kept_with_its_reason(phone: Phone, trip: Trip) -> None:
    revoke_device(phone.key.device, by=phone.person, now=NOON - timedelta(minutes=1))
    answer = phone.touch(trip)

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "INVALID"
    assert codes(answer) == {"integrity.device-revoked"}


def test_a_waiting_passkey_signs_nothing_yet(phone: Phone, trip: Trip) -> None:
    second = Phone.of(phone.person)

    assert codes(second.touch(trip)) == {"integrity.signature"}


def test_a_passkey_without_a_finger_weighs_less_and_is_not_refused(
    ada: Person, trip: Trip, clock: Clock
) -> None:
    answer = Phone.of(ada, uv=False).touch(trip)

    points = {reason["code"]: reason["points"] for reason in answer.json()["reasons"]}
    assert answer.status_code == 201
    assert points["who.passkey-unverified"] < FILE["support"]["who.passkey-bound"]["points"]


def test_a_synced_passkey_says_so(ada: Person, trip: Trip, clock: Clock) -> None:
    assert "who.passkey-synced" in codes(Phone.of(ada, synced=True).touch(trip))


def test_a_touch_without_any_passkey_is_kept_unsigned(phone: Phone, trip: Trip) -> None:
    answer = phone.send(unsigned(trip, phone.ask(trip)))

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "SUPPLEMENT"
    assert "who.unsigned" in codes(answer)
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


# --- taken back --------------------------------------------------------------------------


def test_a_touch_is_taken_back_within_fifteen_seconds(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    touch = phone.touched(trip)
    clock.later(seconds=15)
    answer = phone.take_back(touch)

    assert answer.status_code == 200
    assert types() == ["trip-open", "approval", "checkin", "void"]
    *_, checkin, void = line_of(trip.log_id)
    assert void["of"] == checkin["n"]
    trip.refresh_from_db()
    assert trip.state == State.APPROVED


@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTED, State.APPROVED])
def test_a_trip_whose_only_touch_is_taken_back_stands_where_it_stood(
    state: State, phone: Phone, stages: Stages
) -> None:
    trip = stages[state]()
    phone.take_back(phone.touched(trip))

    trip.refresh_from_db()
    assert trip.state == state


def test_a_request_that_was_given_back_is_a_draft_again_after_an_undo(
    phone: Phone, stages: Stages, bora: Person
) -> None:
    trip = return_request(stages[State.REQUESTED](), approver=bora, reason="언제인지", now=NOON)
    phone.take_back(phone.touched(trip))

    trip.refresh_from_db()
    assert trip.state == State.DRAFT


def test_a_second_more_is_too_late(phone: Phone, trip: Trip, clock: Clock) -> None:
    touch = phone.touched(trip)
    clock.later(seconds=15.001)
    before = rows()
    answer = phone.take_back(touch)

    assert answer.status_code == 409
    assert answer.json()["code"] == "trip.move-refused"
    assert rows() == before
    touch.refresh_from_db()
    assert touch.withdrawn_at is None


def test_taking_back_twice_is_taking_back_once(phone: Phone, trip: Trip, clock: Clock) -> None:
    touch = phone.touched(trip)
    first = phone.take_back(touch)
    clock.later(minutes=5)

    assert phone.take_back(touch).json() == first.json()
    assert types().count("void") == 1


def test_a_touch_taken_back_joins_the_status_list_within_a_minute(
    phone: Phone, trip: Trip, clock: Clock, key_folder: Path
) -> None:
    stands, touch = phone.touched(trip), phone.touched(trip, "stop")
    for _ in range(2):
        phone.take_back(touch)
    clock.later(seconds=59)

    keyset = read_opening_keys((key_folder / "opening-keys.json").read_text()).verify
    document, now = phone.api.get("/api/v1/status-list").content, int(clock.at.timestamp())
    listed = read_status(document, keyset=keyset, host=settings.HOST, now=now)
    assert bytes(touch.cti) in listed
    assert bytes(stands.cti) not in listed
    assert len(listed) == 1


def test_a_return_taken_back_leaves_the_arrival(phone: Phone, trip: Trip, clock: Clock) -> None:
    phone.touch(trip)
    clock.later(hours=1)
    phone.take_back(phone.touched(trip, "return"))

    trip.refresh_from_db()
    assert trip.state == State.TRAVELLING


@pytest.mark.parametrize("name", ["bora", "mallory"])
def test_nobody_else_takes_adas_touch_back(
    name: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    touch = phone.touched(trip)
    other = phone_of(request.getfixturevalue(name))

    assert other.post(f"{CHECK_INS}/{touch.uid}/withdrawal").status_code == 404
    assert other.get(f"{CHECK_INS}/{touch.uid}").status_code == 404


def test_a_confirmed_trip_stays_confirmed(
    phone: Phone, trip: Trip, bora: Person, clock: Clock
) -> None:
    phone.touch(trip, "return")
    confirm(trip, approver=bora, now=clock.later(hours=1))
    phone.take_back(phone.touched(trip))

    trip.refresh_from_db()
    assert trip.state == State.CONFIRMED


# --- without an order ----------------------------------------------------------------------


def test_a_touch_without_a_trip_makes_one_without_an_order(
    phone: Phone, bora: Person, clock: Clock
) -> None:
    answer = phone.touch(None)

    made = Trip.objects.get()
    assert answer.status_code == 201
    assert answer.json()["trip"] == str(made.uid)
    assert (made.state, made.approved_at, made.purpose) == (State.TRAVELLING, None, "")
    assert (made.starts_at, made.approver) == (NOON, bora)
    assert types() == ["trip-open", "checkin"]


def test_an_office_without_an_approver_keeps_the_touch_all_the_same(phone: Phone) -> None:
    assert phone.touch(None).status_code == 201
    assert Trip.objects.get().approver is None


@pytest.mark.parametrize("name", ["iris", "olga"])
def test_who_does_not_travel_touches_nothing(
    name: str, request: pytest.FixtureRequest, clock: Clock
) -> None:
    visitor = phone_of(request.getfixturevalue(name))
    body = unsigned(None, {"id": str(uuid4())})
    before = rows()

    assert visitor.post(CHALLENGES, {"trip": None}, format="json").status_code == 403
    assert visitor.post(CHECK_INS, body, format="json").status_code == 403
    assert rows() == before


@pytest.mark.parametrize("state", [State.SETTLED, State.CANCELLED, State.VOIDED])
def test_a_touch_on_a_trip_that_is_over_makes_a_new_one(
    state: str, phone: Phone, trip: Trip
) -> None:
    Trip.objects.filter(pk=trip.pk).update(state=state)
    answer = phone.touch(trip)

    made = Trip.objects.exclude(pk=trip.pk).get()
    assert answer.status_code == 201
    assert answer.json()["trip"] == str(made.uid)
    assert "integrity.challenge-foreign" not in codes(answer)
    trip.refresh_from_db()
    assert trip.state == state


def test_numbers_of_trips_count_up_within_the_year(phone: Phone, clock: Clock) -> None:
    phone.touch(None)
    phone.touch(None)
    clock.at = NOON.replace(year=2027, month=1, day=1)
    phone.sign_in()
    phone.touch(None)

    numbers = list(Trip.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == ["BT26-000001", "BT26-000002", "BT27-000001"]


# --- by a form without script --------------------------------------------------------------


def press(phone: Phone, trip: Trip | None, kind: str = "arrive", **said: Any) -> Any:
    body = {"id": str(uuid4()), "trip": str(trip.uid) if trip else "", "kind": kind}
    return phone.api.post("/touch/", body | said, format=None)


def test_a_page_without_script_touches_with_three_fields(phone: Phone, trip: Trip) -> None:
    answer = press(phone, trip)

    touch = CheckIn.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/trips/{trip.uid}/receipt/?touch={touch.uid}"
    assert (touch.signer, touch.best_fix, touch.recorded_at) == ("none", None, NOON)


def test_a_form_sent_twice_is_one_touch_even_minutes_later(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    name = str(uuid4())
    first = press(phone, trip, id=name)
    clock.later(minutes=20)
    again = press(phone, trip, id=name)

    assert first["Location"] == again["Location"]
    assert CheckIn.objects.count() == 1


def test_a_form_with_the_id_of_another_touch_is_refused(phone: Phone, trip: Trip) -> None:
    name = str(uuid4())
    press(phone, trip, id=name)

    assert press(phone, trip, "return", id=name).status_code == 409


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


@pytest.fixture
def other_trip(ada: Person, bora: Person, site: Place) -> Trip:
    return Trip.objects.create(
        number="BT26-900001",
        traveller=ada,
        department=ada.department,
        approver=bora,
        purpose="다른 출장",
        starts_at=NOON + timedelta(days=1),
        ends_at=NOON + timedelta(days=1, hours=1),
        registered_at=NOON,
    )
