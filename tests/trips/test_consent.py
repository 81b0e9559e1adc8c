"""A touch is never refused; a position nobody agreed to is never kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.consents import POSITION, VERSIONS
from accounts.models import Consent, Person
from attest.log.leaf import read_leaf
from ledger.models import Leaf
from ledger.services.sequence import sequence
from tests.attack.test_places_stay_sealed import spellings
from tests.audit.lives import key_file, opened_leaves, sealed_of
from tests.clock import Clock
from tests.conftest import agree
from tests.trips.touches import LAT_E7, LON_E7, Phone
from trips.models import CheckIn, Trip

CONSENTS = "/api/v1/consents"


def say(phone: Phone, answer: str, version: str = VERSIONS[POSITION]) -> Any:
    body = {"purpose": POSITION, "answer": answer, "text_version": version}
    return phone.api.post(CONSENTS, body, format="json")


def opened(trip: Trip) -> bytes:
    return b"".join(box.open() for box in sealed_of(trip) if box.table != "trips_tripstop")


def told(trip: Trip) -> bool:
    """Whether a coordinate of the phone stands anywhere under the seals of the trip."""
    content = opened(trip)
    return any(word in content for e7 in (LAT_E7, LON_E7) for word in spellings(e7).values())


@pytest.mark.parametrize("answer", ["paused", "withdrawn"])
def test_under_a_pause_the_touch_is_kept_and_its_position_is_not(
    answer: str, phone: Phone, trip: Trip, clock: Clock
) -> None:
    say(phone, answer)
    reply = phone.touch(trip)

    assert (reply.status_code, reply.json()["position"]) == (201, "left-out")
    touch = CheckIn.objects.get()
    assert touch.left_out
    assert (touch.best_fix, touch.burst, touch.place_words, touch.accuracy_m) == (
        None,
        None,
        "",
        None,
    )
    assert not told(trip)
    assert opened_leaves(trip) == {bytes(trip.open_hash or b"")}


def test_with_consent_the_same_touch_is_kept_whole(phone: Phone, trip: Trip) -> None:
    reply = phone.touch(trip)

    assert reply.json()["position"] == "kept"
    assert told(trip)


def test_who_was_never_asked_has_not_agreed(phone: Phone, trip: Trip) -> None:
    Consent.objects.all().delete()

    assert phone.touch(trip).json()["position"] == "left-out"


def test_no_position_is_no_position_left_out(phone: Phone, trip: Trip) -> None:
    say(phone, "paused")
    reply = phone.touch(trip, state="refused", fixes=[])

    assert reply.json()["position"] == "none"


def test_its_signature_still_counts(phone: Phone, trip: Trip) -> None:
    say(phone, "paused")
    codes = {one["code"] for one in phone.touch(trip).json()["reasons"]}
    refused = {
        one["code"] for one in phone.touch(trip, state="refused", fixes=[]).json()["reasons"]
    }

    assert not any("signature" in code for code in codes)
    assert codes == refused | (codes - refused)
    assert not {code for code in codes if code.startswith("position.")} - refused


def test_sent_again_it_is_the_same_touch(phone: Phone, trip: Trip) -> None:
    say(phone, "paused")
    envelope = phone.envelope(trip)

    assert phone.send(envelope).status_code == 201
    assert phone.send(envelope).status_code == 200
    say(phone, "given")
    assert phone.send(envelope).json()["position"] == "left-out"


def test_a_pause_ends_and_positions_are_kept_again(phone: Phone, trip: Trip, clock: Clock) -> None:
    say(phone, "paused")
    phone.touch(trip)
    clock.later(minutes=1)
    say(phone, "given")

    assert phone.touch(trip, "stop").json()["position"] == "kept"


@pytest.mark.django_db(transaction=True)
def test_withdrawal_erases_every_position_at_once(phone: Phone, trip: Trip, clock: Clock) -> None:
    phone.touch(trip)
    sequence(now=clock())
    assert key_file(trip).exists()
    clock.later(minutes=1)
    say(phone, "withdrawn")

    assert sealed_of(trip) == []
    assert not key_file(trip).exists()
    sequence(now=clock.later(minutes=1))
    entries = [read_leaf(bytes(row.entry)) for row in Leaf.objects.all()]
    (erasure,) = [leaf for leaf in entries if leaf["t"] == "erasure"]
    assert (erasure["reason"], erasure["group"], erasure["count"]) == ("withdrawal", "loc", 2)
    touch = CheckIn.objects.get()
    assert touch.place_words
    assert touch.assessments.get().reasons


@pytest.mark.django_db(transaction=True)
def test_after_a_withdrawal_the_trip_goes_on_without_a_position(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    phone.touch(trip)
    clock.later(minutes=1)
    say(phone, "withdrawn")
    clock.later(hours=4)
    reply = phone.touch(trip, "return")

    assert (reply.status_code, reply.json()["position"]) == (201, "left-out")
    assert reply.json()["token"]["text"]
    assert reply.json()["trip"] == str(trip.uid)
    assert not told(trip)


@pytest.mark.django_db(transaction=True)
def test_the_page_says_first_what_withdrawing_erases(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    phone.touch(trip)
    clock.later(minutes=1)
    page = phone.api.get("/me/consents/withdrawal/", headers={"accept-language": "en"})

    assert page.status_code == 200
    assert sealed_of(trip)
    answer = phone.api.post("/me/consents/withdrawal/", {"answer": "withdrawn"})
    assert answer.status_code == 302
    assert sealed_of(trip) == []
    assert Consent.objects.latest("pk").answer == "withdrawn"


@pytest.mark.django_db(transaction=True)
def test_nobody_elses_positions_go(phone: Phone, trip: Trip, mallory: Person, clock: Clock) -> None:
    phone.touch(trip)
    clock.later(minutes=1)
    answer = say(Phone.of(mallory), "withdrawn")

    assert answer.status_code == 201
    assert told(trip)


def test_who_refuses_again_loses_no_receipt(phone: Phone, trip: Trip, clock: Clock) -> None:
    say(phone, "withdrawn")
    phone.touch(trip, state="refused", fixes=[])
    clock.later(minutes=1)
    say(phone, "paused")
    say(phone, "withdrawn")

    assert not CheckIn.objects.get().erased


def test_a_new_text_is_asked_again_and_an_old_one_is_not(phone: Phone, clock: Clock) -> None:
    ada = phone.person
    assert 'data-consent="given"' in phone.api.get("/").content.decode()
    Consent.objects.all().delete()
    agree(ada, at=clock())
    Consent.objects.update(text_version="2020-01-1")
    assert 'data-consent=""' in phone.api.get("/").content.decode()
    Consent.objects.update(answer="paused")
    assert 'data-consent="paused"' in phone.api.get("/").content.decode()


def test_a_yes_to_an_older_text_is_refused(phone: Phone) -> None:
    answer = say(phone, "given", version="2020-01-1")

    assert (answer.status_code, json.loads(answer.content)["code"]) == (
        409,
        "step-up.batch-changed",
    )
