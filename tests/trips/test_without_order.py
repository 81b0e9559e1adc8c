"""A touch without an order, and one by a form without script."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Person
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import rows, types
from tests.trips.touches import (
    CHALLENGES,
    CHECK_INS,
    Phone,
    codes,
    unsigned,
)
from trips.models import CheckIn, State, Trip

# Still inside the site, eight hundred steps away.
ELSEWHERE_E7 = 352_541_337


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
