"""One phone for several people, said beforehand; and one phone always beside another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, Person, Place, Post
from attest.record import Fix
from ledger.models import Outbox
from tests.attack.test_one_phone_for_several import SHARED, device_facts, elsewhere
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.device_key import SoftDeviceKey
from tests.trips.touches import LAT_E7, LON_E7, Phone, codes, fixes_of
from trips import shadows
from trips.models import Companion, SharedPhone, Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request

PAGE = "/me/devices/shared/"
DECLARED = "device.shared-declared"
DAY = "2026-11-23"


@pytest.fixture
def theirs(mallory: Person, phone: Phone) -> Phone:
    """Mallory's own passkey, used on ada's phone."""
    return Phone(mallory, Phone.of(mallory).key, phone.api)


def declare(phone: Phone, *people: Person, day: str = DAY) -> Any:
    phone.sign_in()
    form = {"day": day, "people": [str(one.uid) for one in people]}
    page = Client()
    page.cookies = phone.api.cookies
    return page.post(PAGE, form)


# --- declared beforehand --------------------------------------------------------------------


def test_a_phone_declared_beforehand_is_no_concern_worth_a_look(
    phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    assert declare(phone, theirs.person).status_code == 302
    clock.later(minutes=1)
    phone.touch(trip)
    theirs.sign_in()
    answer = theirs.touch(None, **elsewhere())

    assert codes(answer) >= {DECLARED}
    assert SHARED not in codes(answer)
    assert answer.json()["verdict"] != "REVIEW"
    assert (device_facts()["shared"], device_facts()["people"]) == ("declared", 2)


def test_those_named_are_told_and_the_log_keeps_who_declared(
    phone: Phone, theirs: Phone, clock: Clock
) -> None:
    declare(phone, theirs.person)

    assert Post.objects.filter(person=theirs.person, kind="shared").count() == 1
    leaf = json.loads(bytes(Outbox.objects.latest("pk").entry))
    assert (leaf["t"], leaf["what"], leaf["name"][:7]) == ("config-change", "device", "shared-")


def test_said_after_a_touch_it_comes_too_late_for_that_one(
    phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    phone.touch(trip)
    clock.later(minutes=1)
    declare(phone, theirs.person)
    clock.later(minutes=1)
    theirs.sign_in()

    assert SHARED in codes(theirs.touch(None, **elsewhere()))


def test_said_for_another_day_or_another_phone_it_says_nothing_here(
    phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    declare(phone, theirs.person, day="2026-11-24")
    other = Phone(phone.person, phone.key, Phone.of(phone.person).api)
    declare(other, theirs.person)
    clock.later(minutes=1)
    phone.touch(trip)
    theirs.sign_in()

    assert SHARED in codes(theirs.touch(None, **elsewhere()))


def test_a_third_person_nobody_named_is_undeclared(
    phone: Phone, trip: Trip, theirs: Phone, felix: Person, clock: Clock
) -> None:
    declare(phone, theirs.person)
    clock.later(minutes=1)
    phone.touch(trip)
    third = Phone(felix, Phone.of(felix).key, phone.api)
    third.sign_in()

    assert SHARED in codes(third.touch(None, **elsewhere()))


@pytest.mark.parametrize("how", ["without-finger", "device-key", "unsigned"])
def test_on_a_declared_phone_nobody_presses_for_another(
    how: str, phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    """One's session stays open while another holds the phone: only a finger tells them apart."""
    declare(phone, theirs.person)
    clock.later(minutes=1)
    phone.touch(trip)
    theirs.sign_in()
    envelope = theirs.envelope(None, **elsewhere())
    if how == "without-finger":
        theirs.key.flags &= ~4
        envelope = theirs.envelope(None, **elsewhere())
    elif how == "unsigned":
        envelope["proof"] = {"kind": "none"}
    else:
        key = SoftDeviceKey(theirs.person).enrol(now=timezone.now() - timedelta(days=20))
        envelope = Phone(theirs.person, key, phone.api).envelope(None, **elsewhere())  # type: ignore[arg-type]

    assert SHARED in codes(theirs.send(envelope))


def test_another_persons_passkey_does_not_sign_for_her(
    phone: Phone, trip: Trip, theirs: Phone, clock: Clock
) -> None:
    declare(phone, theirs.person)
    clock.later(minutes=1)
    phone.sign_in()
    stolen = Phone(phone.person, theirs.key, phone.api)

    assert stolen.touch(trip).json()["verdict"] == "INVALID"


@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-08", "soon", ""])
def test_a_day_that_is_over_or_too_far_is_refused(
    day: str, phone: Phone, theirs: Phone, clock: Clock
) -> None:
    assert declare(phone, theirs.person, day=day).status_code == 400
    assert not SharedPhone.objects.exists()


def test_nobody_of_another_office_and_nobody_alone_is_named(
    phone: Phone, mallory: Person, clock: Clock
) -> None:
    Person.objects.filter(pk=mallory.pk).update(organisation=Organisation.objects.create(name="B"))

    assert declare(phone, mallory).status_code == 400
    assert declare(phone).status_code == 400
    assert declare(phone, phone.person).status_code == 400


def test_a_day_is_declared_once_and_shown_to_those_it_names(
    phone: Phone, theirs: Phone, felix: Person, clock: Clock
) -> None:
    declare(phone, theirs.person)
    assert declare(phone, felix).status_code == 400

    shown = []
    for person in (phone.person, theirs.person, felix):
        page = Client()
        page.force_login(person, backend="accounts.backends.NumberBackend")
        shown.append(len(page.get(PAGE).context["rows"]))
    assert shown == [1, 1, 0]


# --- a shadow -------------------------------------------------------------------------------


def trips_of(person: Person, bora: Person, site: Place, count: int) -> list[Trip]:
    made = []
    for number in range(count):
        at = NOON + timedelta(days=number)
        plan = plan_of(bora, site, starts_at=at)
        asked = request(draft(traveller=person, plan=plan, now=NOON), now=NOON)
        made.append(order(asked, approver=bora, now=NOON))
    return made


def side_by_side(
    phone: Phone,
    other: Phone,
    mine: Sequence[Trip],
    yours: Sequence[Trip],
    clock: Clock,
    **far: int,
) -> list[set[str]]:
    """Day after day the other touches a minute before, a metre away; the reasons of mine."""
    seen = []
    for number, (here, there) in enumerate(zip(mine, yours, strict=True)):
        clock.at = NOON + timedelta(days=number)
        other.sign_in()
        other.touch(there, fixes=fixes_of(LAT_E7 + 90 + far.get(f"day{number}", 0), LON_E7))
        clock.later(minutes=1)
        phone.sign_in()
        seen.append(codes(phone.touch(here, fixes=fixes_of(LAT_E7, LON_E7))))
    return seen


@pytest.fixture
def companion(mallory: Person) -> Phone:
    return Phone.of(mallory)


def test_a_phone_beside_another_on_three_orders_is_a_shadow_and_on_two_is_none(
    phone: Phone, companion: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    mine, yours = (trips_of(one, bora, site, 3) for one in (phone.person, companion.person))
    seen = side_by_side(phone, companion, mine, yours, clock)

    assert ["device.shadow" in one for one in seen] == [False, False, True]


def test_who_was_once_elsewhere_is_none(
    phone: Phone, companion: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    mine, yours = (trips_of(one, bora, site, 3) for one in (phone.person, companion.person))
    seen = side_by_side(phone, companion, mine, yours, clock, day1=1_000)

    assert not any("device.shadow" in one for one in seen)


def test_a_stranger_beside_who_was_elsewhere_before_costs_two_questions(
    phone: Phone, companion: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    mine, yours = (trips_of(one, bora, site, 3) for one in (phone.person, companion.person))
    side_by_side(phone, companion, mine[:2], yours[:2], clock, day1=1_000)
    clock.at = NOON + timedelta(days=2)
    companion.sign_in()
    companion.touch(yours[2], fixes=fixes_of(LAT_E7 + 90, LON_E7))
    phone.sign_in()

    with CaptureQueriesContext(connection) as captured:
        phone.touch(mine[2], fixes=fixes_of(LAT_E7, LON_E7))

    # What is near, what she touched lately, and who of today was there the last time as well.
    asked = [one["sql"] for one in captured.captured_queries]
    assert sum('SELECT "trips_checkin"' in sql for sql in asked) == 3
    assert not any('FROM "trips_companion"' in sql for sql in asked)


def test_many_touches_of_one_order_are_one_order(
    phone: Phone, companion: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    (mine,), (yours,) = (trips_of(one, bora, site, 1) for one in (phone.person, companion.person))
    for minute in range(4):
        clock.at = NOON + timedelta(minutes=20 * minute)
        companion.touch(yours, "stop", fixes=fixes_of(LAT_E7 + 90))
        answer = phone.touch(mine, "stop")

    assert "device.shadow" not in codes(answer)


def test_those_who_travel_together_are_nobodys_shadow(
    phone: Phone, companion: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    mine, yours = (trips_of(one, bora, site, 3) for one in (phone.person, companion.person))
    for trip in mine:
        Companion.objects.create(trip=trip, person=companion.person)

    seen = side_by_side(phone, companion, mine, yours, clock)
    assert not any("device.shadow" in one for one in seen)


def test_what_is_kept_of_a_square_is_keyed(phone: Phone, trip: Trip, clock: Clock) -> None:
    row = phone.touched(trip)
    fix = Fix(LAT_E7, LON_E7, 1_240, 0, 0)

    assert row.near_mark
    assert bytes(row.near_mark) != shadows.mark(fix, key=bytes(32))


@pytest.mark.parametrize(("metres", "near"), [(0, "near"), (1.4, "near"), (4.6, ""), (100, "")])
@pytest.mark.parametrize("axis", ["lat", "lon"])
def test_three_metres_are_near_within_the_metre_they_are_rounded_to(
    metres: float, near: str, axis: str
) -> None:
    step = round(metres / 111_195 * 1e7)
    here = Fix(LAT_E7, LON_E7, 0, 0, 0)
    east = round(step / 0.8141)
    there = Fix(LAT_E7 + step, LON_E7, 0, 0, 0)
    if axis == "lon":
        there = Fix(LAT_E7, LON_E7 + east, 0, 0, 0)

    assert (shadows.mark(there, key=b"k") in shadows.marks_around(here, key=b"k")) is bool(near)
