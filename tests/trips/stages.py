"""A trip in every state there is, brought there by the people who bring it there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from accounts.models import Person, Place
from attest.errors import MoveRefused
from tests.conftest import NOON, plan_of
from tests.trips.touches import Phone
from trips.models import State, Trip
from trips.plan import Plan
from trips.services.cancel import cancel
from trips.services.confirm import confirm
from trips.services.correct import correct
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request
from trips.services.void import void

Stages = dict[State, Callable[[], Trip]]

# The planned time of these trips is over, so that nothing but the state decides.
BEGAN = NOON - timedelta(hours=6)


def stages_of(phone: Phone, *, bora: Person, felix: Person, site: Place) -> Stages:
    """One way to each state. Every call makes another trip."""
    ada = phone.person

    def written() -> Trip:
        return draft(traveller=ada, plan=plan(bora, site), now=BEGAN)

    def requested() -> Trip:
        return request(written(), now=BEGAN)

    def approved() -> Trip:
        return order(requested(), approver=bora, now=BEGAN)

    def travelling() -> Trip:
        return phone.touched(approved()).trip

    def returned() -> Trip:
        return phone.touched(travelling(), "return").trip

    def confirmed() -> Trip:
        return confirm(returned(), approver=bora, now=NOON)

    def settled() -> Trip:
        trip = confirmed()
        Trip.objects.filter(pk=trip.pk).update(state=State.SETTLED)
        trip.refresh_from_db()
        return trip

    def cancelled() -> Trip:
        return cancel(approved(), actor=ada, reason="비", now=NOON)

    def voided() -> Trip:
        return void(said_to_be_none(travelling()), clerk=felix, reason="아님", now=NOON)

    return {
        State.DRAFT: written,
        State.REQUESTED: requested,
        State.APPROVED: approved,
        State.TRAVELLING: travelling,
        State.RETURNED: returned,
        State.CONFIRMED: confirmed,
        State.SETTLED: settled,
        State.CANCELLED: cancelled,
        State.VOIDED: voided,
    }


def plan(approver: Person, place: Place) -> Plan:
    return plan_of(approver, place, starts_at=BEGAN, ends_at=NOON - timedelta(hours=1))


def said_to_be_none(trip: Trip) -> Trip:
    """The traveller's own yes to its being no trip."""
    correct(trip, person=trip.traveller, what="mistake", value="", reason="잘못", now=NOON)
    return trip


def outcome(deed: Callable[[Trip], Any], trip: Trip) -> str:
    """The code of its refusal, if there is one."""
    try:
        deed(trip)
    except MoveRefused as refused:
        return refused.code
    return ""
