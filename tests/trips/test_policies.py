"""Which evidence a trip needs is known when it is ordered, by its nights and its places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.trips.touches import Phone
from trips.models import Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request
from trips.services.revise import revise

MIDNIGHT = NOON + timedelta(hours=12)  # in Seoul
MORNING = MIDNIGHT + timedelta(hours=6)


def planned(ada: Person, bora: Person, site: Place, **said: Any) -> Trip:
    return draft(traveller=ada, plan=plan_of(bora, site, **said), now=NOON)


@pytest.mark.parametrize(
    ("ends_at", "policy"),
    [
        (MIDNIGHT - timedelta(minutes=1), "standard"),
        (MIDNIGHT + timedelta(hours=3), "standard"),
        (MORNING - timedelta(minutes=1), "standard"),
        (MORNING, "both-ends"),
        (MIDNIGHT + timedelta(days=3), "both-ends"),
    ],
)
@pytest.mark.parametrize("mark", ["plain", "marked"])
def test_nights_and_marked_places_decide(
    ends_at: datetime, policy: str, mark: str, ada: Person, bora: Person, site: Place
) -> None:
    site.needs_witness = mark == "marked"
    site.save()
    trip = planned(ada, bora, site, ends_at=ends_at)
    trip.refresh_from_db()

    both = {"standard": "witness", "both-ends": "witness-both-ends"}
    assert trip.policy == (both[policy] if site.needs_witness else policy)


def test_a_draft_that_is_rewritten_is_weighed_by_its_new_plan(
    ada: Person, bora: Person, site: Place
) -> None:
    trip = planned(ada, bora, site, ends_at=MORNING)
    revise(trip, plan=plan_of(bora, site), now=NOON)
    trip.refresh_from_db()

    assert trip.policy == "standard"


def test_a_place_that_is_marked_after_the_order_asks_for_nothing_more(
    phone: Phone, trip: Trip, site: Place
) -> None:
    site.needs_witness = True
    site.save()

    assert phone.touch(trip).json()["verdict"] == "SUFFICIENT"


def test_a_trip_with_a_night_needs_its_return_and_says_so_before(
    phone: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    trip = planned(phone.person, bora, site, ends_at=MIDNIGHT + timedelta(hours=8))
    order(request(trip, now=NOON), approver=bora, now=NOON)
    page = phone.api.get(f"/trips/{trip.uid}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "A touch on arrival and one on return" in page
    arrived = phone.touch(trip).json()
    assert arrived["verdict"] == "SUPPLEMENT"
    assert "policy.both-ends" in {reason["code"] for reason in arrived["reasons"]}

    clock.later(hours=20)
    phone.sign_in()
    assert phone.touch(trip, "return").status_code == 201

    again = phone.api.get(f"/api/v1/check-ins/{arrived['id']}").json()
    assert again["verdict"] == "SUFFICIENT"
    assert phone.api.get(f"/api/v1/trips/{trip.uid}").json()["policy"] == "both-ends"


def test_a_place_with_a_mark_is_not_shown_by_position_alone(
    phone: Phone, bora: Person, site: Place
) -> None:
    site.needs_witness = True
    site.save()
    trip = planned(phone.person, bora, site)

    answer = phone.touch(trip).json()

    assert answer["verdict"] == "SUPPLEMENT"
    assert "policy.witness" in {reason["code"] for reason in answer["reasons"]}
