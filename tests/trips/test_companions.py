"""People who travel together stand at one point: that says nothing against any of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Organisation, Person, Place
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.trips.touches import Phone, codes, fixes_of
from trips.models import Companion, Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request


@pytest.fixture
def theirs(mallory: Person, bora: Person, site: Place) -> Trip:
    """Mallory's own trip, at the same time to the same place."""
    asked = request(draft(traveller=mallory, plan=plan_of(bora, site), now=NOON), now=NOON)
    return order(asked, approver=bora, now=NOON)


@pytest.fixture
def elsewhere(mallory: Person) -> Organisation:
    return Organisation.objects.create(name="다른시청", rule_set="kr-changwon")


def together(phone: Phone, trip: Trip, theirs: Trip, clock: Clock) -> Any:
    """Mallory touches first, and ada a little later at the very same point."""
    first = fixes_of(count=1)
    Phone.of(theirs.traveller).touch(theirs, fixes=first)
    clock.later(minutes=2)
    again = [dict(one, fix_ms=one["fix_ms"] + 9, alt_cm=17) for one in first]
    return phone.touch(trip, fixes=again)


def test_a_stranger_at_the_very_same_point_is_a_concern(
    phone: Phone, trip: Trip, theirs: Trip, clock: Clock
) -> None:
    assert "cross.same-point-coarse" in codes(together(phone, trip, theirs, clock))


def test_whom_the_trip_names_is_a_companion(
    phone: Phone, trip: Trip, theirs: Trip, clock: Clock
) -> None:
    Companion.objects.create(trip=trip, person=theirs.traveller)

    assert "cross.companion" in codes(together(phone, trip, theirs, clock))


def test_who_names_the_traveller_is_a_companion_too(
    phone: Phone, trip: Trip, theirs: Trip, clock: Clock
) -> None:
    Companion.objects.create(trip=theirs, person=trip.traveller)

    assert "cross.companion" in codes(together(phone, trip, theirs, clock))


def test_who_named_the_traveller_for_another_month_is_none(
    phone: Phone, trip: Trip, theirs: Trip, clock: Clock
) -> None:
    Companion.objects.create(trip=theirs, person=trip.traveller)
    days = timedelta(days=30)
    starts_at, ends_at = theirs.starts_at - days, theirs.ends_at - days
    Trip.objects.filter(pk=theirs.pk).update(starts_at=starts_at, ends_at=ends_at)

    assert "cross.companion" not in codes(together(phone, trip, theirs, clock))


def test_who_names_the_traveller_from_another_office_is_none(
    phone: Phone, trip: Trip, theirs: Trip, elsewhere: Organisation, clock: Clock
) -> None:
    Companion.objects.create(trip=theirs, person=trip.traveller)
    Person.objects.filter(pk=theirs.traveller.pk).update(organisation=elsewhere)

    assert "cross.companion" not in codes(together(phone, trip, theirs, clock))
