"""The approver's list: several at once only where nothing asks for a look, undo, reasons."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Person, Place
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.trips.stages import Stages
from tests.trips.touches import Phone
from trips.models import Assessment, Decision, State, Trip
from trips.services.correct import correct
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for


@pytest.fixture
def desk(bora: Person) -> Client:
    client = Client()
    client.force_login(bora, backend="accounts.backends.NumberBackend")
    return client


@pytest.fixture
def back(phone: Phone, bora: Person, site: Place, clock: Clock) -> Any:
    """A trip of ada's, ordered beforehand, touched there and back."""

    def make() -> Trip:
        plan = plan_of(bora, site)
        trip = order(
            ask_for(draft(traveller=phone.person, plan=plan, now=clock()), now=clock()),
            approver=bora,
            now=NOON,
        )
        phone.touch(trip)
        clock.later(minutes=61)
        phone.touch(trip, "return")
        judged(trip, "SUFFICIENT")
        trip.refresh_from_db()
        return trip

    return make


def states(*trips: Trip) -> list[str]:
    return [Trip.objects.get(pk=trip.pk).state for trip in trips]


def judged(trip: Trip, verdict: str) -> None:
    Assessment.objects.filter(check_in__trip=trip).update(verdict=verdict)


def ticked(desk: Client, *trips: Trip) -> int:
    chosen = [str(trip.uid) for trip in trips]
    return desk.post("/approvals/", {"trip": chosen}).status_code


# --- several at once ----------------------------------------------------------------------


def test_trips_with_enough_evidence_are_approved_together(desk: Client, back: Any) -> None:
    one, other, left = back(), back(), back()

    assert desk.get("/approvals/").context["together"] is True
    assert ticked(desk, one, other) == 302

    assert states(one, other, left) == ["confirmed", "confirmed", "returned"]


@pytest.mark.parametrize("verdict", ["REVIEW", "SUPPLEMENT", "INVALID"])
def test_whatever_asks_for_a_look_is_not_approved_together_and_takes_the_others_with_it(
    verdict: str, desk: Client, back: Any
) -> None:
    fine, other = back(), back()
    judged(other, verdict)

    ticked(desk, fine, other)

    assert states(fine, other) == ["returned", "returned"]


def test_a_correction_or_a_late_order_asks_for_a_look(
    desk: Client, back: Any, stages: Stages
) -> None:
    fine, corrected, late = back(), back(), stages[State.RETURNED]()
    traveller = corrected.traveller
    correct(corrected, person=traveller, what="time", value="1", reason="늦음", now=NOON)
    judged(late, "SUFFICIENT")
    Trip.objects.filter(pk=late.pk).update(approved_at=NOON)

    for flagged in (corrected, late):
        ticked(desk, fine, flagged)

    assert states(fine, corrected, late) == ["returned"] * 3


def test_what_does_not_lie_before_bora_is_not_approved_by_ticking_it(
    desk: Client, back: Any, mallory: Person
) -> None:
    fine, foreign = back(), back()
    Trip.objects.filter(pk=foreign.pk).update(approver=mallory)

    ticked(desk, fine, foreign)

    assert states(fine, foreign) == ["returned", "returned"]
    assert desk.post("/approvals/", {"trip": "x"}).status_code == 302
    assert desk.post("/approvals/", {}).status_code == 302


# --- reasons ------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["REVIEW", "INVALID"])
def test_reasons_stand_above_the_button_and_are_ticked_as_read(
    verdict: str, desk: Client, back: Any
) -> None:
    trip = back()
    judged(trip, verdict)
    here = f"/approvals/{trip.uid}/"

    refused = desk.post(here, {"approve": "1"})

    assert refused.status_code == 400
    assert states(trip) == ["returned"]
    page = refused.content.decode()
    assert page.index('name="read"') < page.index('name="approve"')
    assert desk.post(here, {"approve": "1", "read": "1"}).status_code == 302
    assert states(trip) == ["confirmed"]


@pytest.mark.parametrize(
    ("form", "note"),
    [
        ({"about": "time"}, "Correct the time"),
        ({"about": "time", "reason": "18시까지"}, "Correct the time · 18시까지"),
        ({"about": "other", "reason": "다른 날"}, "다른 날"),
        ({"reason": "다른 날"}, "다른 날"),
    ],
)
def test_a_usual_reason_is_one_press(
    form: dict[str, str], note: str, desk: Client, stages: Stages
) -> None:
    trip = stages[State.REQUESTED]()

    desk.post(f"/approvals/{trip.uid}/", form | {"return": "1"}, HTTP_ACCEPT_LANGUAGE="en")

    assert Decision.objects.latest("pk").note == note


@pytest.mark.parametrize("form", [{}, {"about": "other"}, {"about": "x"}, {"reason": "  "}])
def test_a_reason_of_nothing_gives_nothing_back(
    form: dict[str, str], desk: Client, stages: Stages
) -> None:
    trip = stages[State.REQUESTED]()

    assert desk.post(f"/approvals/{trip.uid}/", form | {"return": "1"}).status_code == 400
    assert states(trip) == ["requested"]


# --- undo ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"), [("requested", "approved"), ("returned", "confirmed")]
)
def test_a_press_is_taken_back_and_both_stay(
    before: str, after: str, desk: Client, stages: Stages, clock: Clock
) -> None:
    trip = stages[State(before)]()
    desk.post(f"/approvals/{trip.uid}/", {"approve": "1", "read": "1"})
    assert states(trip) == [after]
    clock.later(seconds=9)
    assert list(desk.get("/approvals/").context["undo"]) == [trip]

    assert desk.post(f"/approvals/{trip.uid}/undo/").status_code == 302

    assert states(trip) == [before]
    said = list(trip.decisions.order_by("pk").values_list("decision", flat=True))
    assert said[-2:] == ["approve", "undone"]
    assert list(desk.get("/approvals/").context["undo"]) == []
    assert desk.post(f"/approvals/{trip.uid}/undo/").status_code == 403


def test_an_order_taken_back_is_no_order(desk: Client, stages: Stages) -> None:
    trip = stages[State.REQUESTED]()
    desk.post(f"/approvals/{trip.uid}/", {"approve": "1"})
    desk.post(f"/approvals/{trip.uid}/undo/")

    trip.refresh_from_db()
    assert (trip.approved_at, trip.order_number) == (None, "")


@pytest.mark.parametrize(("seconds", "status"), [(15, 302), (16, 409)])
def test_after_fifteen_seconds_of_our_clock_it_stands(
    seconds: int, status: int, desk: Client, stages: Stages, clock: Clock
) -> None:
    trip = stages[State.REQUESTED]()
    desk.post(f"/approvals/{trip.uid}/", {"approve": "1"})
    clock.later(seconds=seconds)

    assert desk.post(f"/approvals/{trip.uid}/undo/").status_code == status


def test_what_the_next_stage_took_is_not_taken_back(
    desk: Client, stages: Stages, phone: Phone
) -> None:
    trip = stages[State.REQUESTED]()
    desk.post(f"/approvals/{trip.uid}/", {"approve": "1"})
    phone.touch(trip)

    assert desk.post(f"/approvals/{trip.uid}/undo/").status_code == 409
    assert states(trip) == ["travelling"]


def test_nobody_takes_back_what_another_pressed(
    desk: Client, stages: Stages, bora: Person, mallory: Person
) -> None:
    trip = stages[State.REQUESTED]()
    order(trip, approver=bora, now=NOON)
    Decision.objects.update(by=mallory)

    assert desk.post(f"/approvals/{trip.uid}/undo/").status_code == 403
    assert states(trip) == ["approved"]
