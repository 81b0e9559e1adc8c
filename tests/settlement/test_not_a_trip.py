"""It was no trip: the traveller says so, a clerk voids it, and nothing of it is paid."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Person
from settlement.models import Hold
from settlement.paying import for_judging, judge
from tests.conftest import phone_of
from tests.settlement.desk import EVENING, arrival, batch_of, code_of, made_clerk, pay, seen
from tests.settlement.test_settlements import leaves_of
from trips.models import Correction, State, Trip
from trips.services.correct import correct

REASON = "출장이 아닌 것으로 확인했습니다"


@pytest.fixture
def held(felix: Person, payable: Trip) -> Hold:
    return Hold.objects.create(trip=payable, reason_code="hours_differ", at=EVENING, by=felix)


def said_so(trip: Trip) -> Correction:
    return correct(
        trip, person=trip.traveller, what="mistake", value="", reason="잘못 눌렀어요", now=EVENING
    )


def void(clerk: Person, hold: Hold, reason: str = REASON) -> Any:
    body = {"resolution": "not-a-trip", "reason": reason}
    return phone_of(clerk).post(f"/api/v1/holds/{hold.uid}/resolution", body, format="json")


def test_with_the_travellers_yes_it_is_void_and_every_exception_with_it(
    felix: Person, held: Hold
) -> None:
    other = Hold.objects.create(
        trip=held.trip, reason_code="evidence.supplement", at=EVENING, by=felix
    )
    said_so(held.trip)

    assert void(felix, held).json()["resolution_code"] == "not-a-trip"

    trip = Trip.objects.get(pk=held.trip_id)
    assert trip.state == State.VOIDED
    assert trip.corrections.get().state == "accepted"
    for row in Hold.objects.filter(pk__in=[held.pk, other.pk]):
        assert (row.state, row.resolution_code, row.resolution_note, row.resolved_by) == (
            "resolved",
            "not-a-trip",
            REASON,
            felix,
        )
    assert leaves_of(trip)[-1]["t"] == "void"
    # The code stays genuine, and pays nothing.
    assert seen(felix, code_of(arrival(trip)))["payable"]["code"] == "approval"


@pytest.mark.parametrize("decision", ["", "declined"])
def test_without_her_yes_nothing_happens(felix: Person, held: Hold, decision: str) -> None:
    if decision:
        said_so(held.trip)
        Correction.objects.update(state=decision)

    answer = void(felix, held)

    assert (answer.status_code, answer.json()["code"]) == (409, "trip.move-refused")
    held.refresh_from_db()
    assert (held.state, Trip.objects.get(pk=held.trip_id).state) == ("new", State.CONFIRMED)


def test_it_is_voided_once(felix: Person, flora: Person, held: Hold) -> None:
    said_so(held.trip)
    void(felix, held)

    assert void(flora, held).status_code == 409


def test_what_is_paid_is_taken_back_first(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    held = Hold.objects.create(trip=payable, reason_code="hours_differ", at=EVENING, by=felix)
    said_so(payable)

    assert void(felix, held).status_code == 409
    assert Trip.objects.get(pk=payable.pk).state == State.SETTLED


def test_a_row_of_an_open_batch_is_left_out(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    held = Hold.objects.create(trip=payable, reason_code="hours_differ", at=EVENING, by=felix)
    said_so(payable)
    void(felix, held)

    (row,) = pay(felix, batch).json()["rows"]

    assert (row["refused"], row["settlement"]) == ("settlement.not-payable", None)


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_voids_nothing(
    held: Hold, own: str, request: pytest.FixtureRequest
) -> None:
    said_so(held.trip)
    clerk = made_clerk(request.getfixturevalue(own))

    answer = void(clerk, held)

    assert (answer.status_code, answer.json()["code"]) == (403, "trip.not-yours")


@pytest.mark.parametrize("reason", ["", " ", "x", "가" * 501])
def test_never_by_a_click_alone(felix: Person, held: Hold, reason: str) -> None:
    said_so(held.trip)

    assert void(felix, held, reason).status_code == 400


def test_the_page_says_what_is_missing_and_voids_without_script(felix: Person, held: Hold) -> None:
    here, door = f"/settlement/exceptions/{held.uid}/", phone_of(felix)
    assert f"{here}no-trip/" not in door.get(here).content.decode()
    early = door.post(f"{here}no-trip/", {"void-reason": REASON}, follow=True)
    assert "출장이 아니었다고" in early.content.decode()
    said_so(held.trip)
    assert f"{here}no-trip/" in door.get(here).content.decode()
    door.post(f"{here}no-trip/", {"void-reason": ""})
    assert Trip.objects.get(pk=held.trip_id).state == State.CONFIRMED

    door.post(f"{here}no-trip/", {"void-reason": REASON})

    assert Trip.objects.get(pk=held.trip_id).state == State.VOIDED
    assert judge(for_judging(Trip.objects.all()).get(pk=held.trip_id)).payable != "payable"
