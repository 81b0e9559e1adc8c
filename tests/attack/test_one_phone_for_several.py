"""T7: one phone touches for several people, and it shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Person
from tests.clock import Clock
from tests.trips.offline import Pocket, reasons
from tests.trips.touches import Phone, codes, facts_in, fixes_of
from trips.models import CheckIn, Trip

SHARED = "device.one-for-several"


@pytest.fixture(autouse=True)
def stopped(clock: Clock) -> None:
    """At noon, as in the room of trips."""


@pytest.fixture
def theirs(mallory: Person, phone: Phone) -> Phone:
    """Mallory's own passkey, used on ada's phone."""
    return Phone(mallory, Phone.of(mallory).key, phone.api)


def elsewhere(step: int = 1) -> dict[str, Any]:
    """Not to the last digit where the other one stood: that would say it alone."""
    return {"fixes": fixes_of(352_537_519 + 1_000 * step)}


def device_facts() -> dict[str, Any]:
    facts: dict[str, Any] = facts_in(CheckIn.objects.order_by("-pk")[0].assessments.all()[0])
    return dict(facts["device"])


def test_a_phone_that_touches_for_two_people_on_a_day_is_seen(
    phone: Phone, trip: Trip, theirs: Phone
) -> None:
    assert SHARED not in codes(phone.touch(trip))
    theirs.sign_in()
    answer = theirs.touch(None, **elsewhere())

    assert SHARED in codes(answer)
    assert answer.json()["verdict"] == "REVIEW"
    assert (device_facts()["shared"], device_facts()["people"]) == ("undeclared", 2)


def test_a_third_person_is_counted(phone: Phone, trip: Trip, theirs: Phone, felix: Person) -> None:
    phone.touch(trip)
    theirs.sign_in()
    theirs.touch(None, **elsewhere())
    third = Phone(felix, Phone.of(felix).key, phone.api)
    third.sign_in()
    third.touch(None, **elsewhere(2))

    assert device_facts()["people"] == 3


def test_who_signs_out_in_between_is_seen_all_the_same(
    phone: Phone, trip: Trip, theirs: Phone
) -> None:
    phone.touch(trip)
    phone.api.post("/logout/")
    theirs.sign_in()

    assert SHARED in codes(theirs.touch(None, **elsewhere()))


def test_what_waited_on_one_phone_for_two_people_is_seen(
    phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    mine, other = Pocket(phone, clock), Pocket(theirs, clock)
    mine.stock(trip)
    first = mine.press(trip)
    theirs.sign_in()
    other.stock(None)
    second = other.press(None, **elsewhere())
    clock.later(hours=2)
    mine.sent(first)

    assert SHARED in reasons(other.sent(second)[0])


@pytest.mark.parametrize(("seconds", "seen"), [(86_400, "seen"), (86_401, "")])
def test_a_phone_changes_hands_after_a_day(
    seconds: int, seen: str, phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    phone.touch(trip)
    clock.later(seconds=seconds)
    theirs.sign_in()

    assert (SHARED in codes(theirs.touch(None, **elsewhere()))) is bool(seen)


def test_her_own_many_touches_are_one_persons(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)
    phone.touch(trip, "stop", **elsewhere())

    assert device_facts().get("shared", "no") == "no"


def test_two_phones_side_by_side_are_two(phone: Phone, trip: Trip, mallory: Person) -> None:
    phone.touch(trip)

    assert SHARED not in codes(Phone.of(mallory).touch(None, **elsewhere()))


@pytest.mark.parametrize("word", ["", "x", "a" * 21, "a" * 23, "ä" * 22, "a" * 9_000])
def test_a_word_that_is_not_ours_counts_for_nothing(
    word: str, phone: Phone, trip: Trip, theirs: Phone
) -> None:
    for one, where in ((phone, trip), (theirs, None)):
        one.sign_in()
        envelope = one.envelope(where, **elsewhere(1 if where else 2))
        one.api.cookies["browser"] = word
        assert SHARED not in codes(one.send(envelope))


def test_no_script_reads_the_word_and_no_column_holds_it(phone: Phone, trip: Trip) -> None:
    phone.touch(trip)

    cookie = phone.api.cookies["browser"]
    mark = CheckIn.objects.get().browser_mark
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert mark is not None
    assert cookie.value.encode() not in bytes(mark)


def test_it_stays_the_same_word(phone: Phone, trip: Trip) -> None:
    phone.ask(trip)
    first = phone.api.cookies["browser"].value
    phone.ask(trip)

    assert phone.api.cookies["browser"].value == first
    assert phone.api.cookies["browser"]["max-age"] == int(timedelta(days=400).total_seconds())
