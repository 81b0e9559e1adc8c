"""What the product tells the checks of a month, on either side of where each of them speaks."""

from __future__ import annotations

from datetime import date, timedelta
from secrets import token_bytes
from typing import Any

import pytest

from accounts.models import Organisation, Person, Place
from settlement.looking_over import batch_of, findings_in
from settlement.models import Absence, Line, Month, Settlement, VehicleLog
from settlement.months import month_for
from tests.conftest import NOON, SITE, place
from tests.settlement.clerk_month import MONTH
from tests.settlement.desk import (
    EVENING,
    approved,
    confirmed,
    fixes_at,
    key_of,
    ordered,
    pay,
    touch,
)
from tests.settlement.desk import batch_of as batch_with
from trips.models import Companion, Paper, Trip, Upload


@pytest.fixture
def month(felix: Person) -> Month:
    return month_for(felix, MONTH)


def codes(month: Month) -> set[str]:
    return {found.code for found in findings_in(month)}


def told(month: Month, trip: Trip) -> dict[str, Any]:
    return next(one for one in batch_of(month)["trips"] if one["id"] == str(trip.uid))


def stayed(traveller: Person, approver: Person, site: Place, seconds: int) -> Trip:
    trip, key = ordered(traveller, approver, site), key_of(traveller)
    touch(trip, at=NOON, key=key, fixes=fixes_at(NOON))
    back = NOON + timedelta(seconds=seconds)
    touch(trip, at=back, key=key, fixes=fixes_at(back), kind="return")
    return approved(Trip.objects.get(pk=trip.pk))


# -- how long somebody stayed ----------------------------------------------------------


@pytest.mark.parametrize(("seconds", "short"), [(599, True), (600, False)])
def test_a_stay_under_ten_minutes_is_short(
    month: Month, ada: Person, bora: Person, site: Place, seconds: int, *, short: bool
) -> None:
    trip = stayed(ada, bora, site, seconds)

    assert told(month, trip)["stay_seconds"] == seconds
    assert ("stay.short" in codes(month)) is short


def test_of_a_trip_without_a_return_no_stay_is_told(
    month: Month, ada: Person, bora: Person, site: Place
) -> None:
    trip = ordered(ada, bora, site)
    touch(trip, at=NOON, key=key_of(ada), fixes=fixes_at(NOON))
    approved(Trip.objects.get(pk=trip.pk))

    assert "stay_seconds" not in told(month, trip)
    assert "stay.short" not in codes(month)


@pytest.mark.parametrize(("seconds", "below"), [(4 * 3_600 - 1, True), (4 * 3_600, False)])
def test_claimed_four_hours_are_held_against_the_shown_ones(
    month: Month, ada: Person, bora: Person, site: Place, seconds: int, *, below: bool
) -> None:
    stayed(ada, bora, site, seconds)

    assert ("hours.below_four" in codes(month)) is below


# -- who went along --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "missing"), [(timedelta(hours=4, minutes=29), False), (timedelta(hours=5), True)]
)
def test_a_companion_has_a_trip_of_the_same_time(
    month: Month,
    ada: Person,
    bora: Person,
    mallory: Person,
    site: Place,
    payable: Trip,
    starts: timedelta,
    *,
    missing: bool,
) -> None:
    Companion.objects.create(trip=payable, person=mallory)
    assert told(month, payable)["companions"] == [mallory.ref]
    assert "companion.missing" in codes(month)

    confirmed(mallory, bora, site, starts_at=NOON + starts, hours=1)

    assert ("companion.missing" in codes(month)) is missing


# -- fares, nights ---------------------------------------------------------------------


FARE = {"date": "2026-11-23", "mode": "private_car", "role": "passenger", "amount": 5_000}
TRAIN = {"date": "2026-11-23", "mode": "rail", "amount": 20_000, "evidence": "ticket"}


@pytest.mark.parametrize(
    ("fare", "code"),
    [
        (FARE, "fare.passenger"),
        (FARE | {"amount": 0}, ""),
        (TRAIN | {"status": "cancelled"}, "fare.cancelled_ticket"),
        (TRAIN, ""),
    ],
)
def test_fares_reach_the_checks_as_they_were_told(
    month: Month, payable: Trip, fare: dict[str, Any], code: str
) -> None:
    Trip.objects.update(costs={"fares": [fare], "claimed_on": "2026-11-23"})

    found = {one for one in codes(month) if one.startswith("fare.")}
    assert found == ({code} if code else set())


@pytest.mark.parametrize(("paid", "over"), [(80_000, False), (80_001, True)])
def test_a_night_over_its_cap_is_looked_at(
    month: Month, ada: Person, bora: Person, hall: Any, paid: int, *, over: bool
) -> None:
    busan = place(hall, "부산시청", SITE, "26000")
    trip = confirmed(ada, bora, busan, hours=30)
    night = {"date": "2026-11-23", "kind": "paid", "paid": paid, "unit": "26110"}
    costs = {"nights": [night | {"evidence": "card"}], "claimed_on": "2026-11-24"}
    Trip.objects.filter(pk=trip.pk).update(costs=costs)

    said = told(month, trip)
    assert (said["area"], said["lodging_paid"], said["lodging_cap"]) == ("out", paid, 80_000)
    assert ("lodging.over_cap" in codes(month)) is over


# -- what was paid ---------------------------------------------------------------------


@pytest.fixture
def paid(felix: Person, payable: Trip) -> Settlement:
    pay(felix, batch_with(felix, payable))
    return Settlement.objects.get()


@pytest.mark.parametrize(("metres", "near"), [(1_000, True), (1_001, False)])
def test_a_flat_sum_within_two_kilometres_is_told(
    month: Month, paid: Settlement, metres: int, *, near: bool
) -> None:
    paid.trip.distances.update(one_way_m=metres)

    assert told(month, paid.trip)["round_trip_m"] == 2 * metres
    assert ("near.flat_paid" in codes(month)) is near


def test_a_distance_that_two_clerks_decided_is_the_one_that_is_looked_at(
    month: Month, paid: Settlement
) -> None:
    far = {"from": "workplace", "one_way_m": 900, "round_trip_m": 1_800, "method": "road_route"}
    Trip.objects.update(decided={"distances": [far]})

    assert told(month, paid.trip)["round_trip_m"] == 1_800
    assert "near.flat_paid" in codes(month)


@pytest.mark.parametrize(("won", "over"), [(20_000, False), (20_001, True)])
def test_the_cap_of_a_day_is_held_against_what_was_paid(
    month: Month, paid: Settlement, won: int, *, over: bool
) -> None:
    Line.objects.update(amount=won)

    assert ("day.over_cap" in codes(month)) is over


@pytest.mark.parametrize(("won", "over"), [(300_000, False), (300_001, True)])
def test_a_sum_of_a_month_over_the_threshold_is_told(
    month: Month, paid: Settlement, won: int, *, over: bool
) -> None:
    Line.objects.update(amount=won)

    assert ("month.over_threshold" in codes(month)) is over


def test_what_was_taken_back_was_not_paid(month: Month, paid: Settlement) -> None:
    Line.objects.update(amount=300_001)
    Settlement.objects.update(voided_at=EVENING)

    assert "flat_paid" not in told(month, paid.trip)
    assert not {"day.over_cap", "month.over_threshold"} & codes(month)


def test_what_was_really_spent_is_no_flat_sum(month: Month, paid: Settlement) -> None:
    Line.objects.update(amount=300_001, item="in_area_actual")

    assert told(month, paid.trip)["flat_paid"] == 0


# -- papers ----------------------------------------------------------------------------


def paper(trip: Trip, **said: Any) -> Paper:
    upload = Upload.objects.create(
        person=trip.traveller,
        digest=bytes(32),
        pixels=bytes(32),
        kept_digest=bytes(32),
        size=10,
        at=EVENING,
    )
    made = {
        "trip": trip,
        "upload": upload,
        "kind": "card",
        "digest": bytes(32),
        "pixels": token_bytes(32),
        "counted": False,
        "why": "outside",
        "amount": 8_000,
        "at": trip.starts_at,
        "added_at": EVENING,
    }
    return Paper.objects.create(**(made | said))


def test_one_paper_under_two_trips_is_told_of_both(
    month: Month, bora: Person, mallory: Person, site: Place, payable: Trip
) -> None:
    other = confirmed(mallory, bora, site)
    paper(payable)
    assert "receipt.reused" not in codes(month)

    paper(other)

    (found,) = [one for one in findings_in(month) if one.code == "receipt.reused"]
    assert set(found.trips) == {str(payable.uid), str(other.uid)}


@pytest.mark.parametrize("mark", ["pixels", "mark"])
def test_a_copy_with_other_bytes_is_the_same_paper(
    month: Month, bora: Person, mallory: Person, site: Place, payable: Trip, mark: str
) -> None:
    other = confirmed(mallory, bora, site)
    paper(payable, **{mark: b"\1" * 32})
    paper(other, digest=b"\2" * 32, **{mark: b"\1" * 32})

    assert "receipt.reused" in codes(month)


def test_a_paper_that_was_taken_back_is_none(
    month: Month, bora: Person, mallory: Person, site: Place, payable: Trip
) -> None:
    paper(payable)
    paper(confirmed(mallory, bora, site), withdrawn_at=EVENING)

    assert "receipt.reused" not in codes(month)


def test_its_twin_of_an_earlier_month_is_found(
    month: Month, bora: Person, mallory: Person, site: Place, payable: Trip
) -> None:
    older = confirmed(mallory, bora, site)
    Trip.objects.filter(pk=older.pk).update(
        starts_at=NOON - timedelta(days=40), ends_at=NOON - timedelta(days=40)
    )
    paper(older)
    paper(payable)

    # The older trip is none of this month's: only its paper is told beside.
    assert str(older.uid) not in {one["id"] for one in batch_of(month)["trips"]}
    assert "receipt.reused" in codes(month)


@pytest.mark.parametrize(("days", "off"), [(0, False), (1, True), (-1, True)])
def test_a_paper_of_another_day_is_looked_at(
    month: Month, payable: Trip, days: int, *, off: bool
) -> None:
    paper(payable, at=NOON + timedelta(days=days))

    assert ("receipt.date" in codes(month)) is off


# -- logs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "inside"), [(timedelta(hours=4, minutes=29), True), (timedelta(hours=5), False)]
)
def test_a_car_that_was_out_after_the_trip_is_another_drive(
    month: Month, ada: Person, payable: Trip, starts: timedelta, *, inside: bool
) -> None:
    at = NOON + starts
    drive(ada, at)

    assert ("car.undeclared" in codes(month)) is inside


def drive(person: Person, at: Any, office: Any = None) -> VehicleLog:
    return VehicleLog.objects.create(
        organisation=office or person.organisation,
        vehicle="12가3456",
        driver=person,
        starts_at=at,
        ends_at=at + timedelta(minutes=30),
    )


def test_papers_of_another_office_say_nothing_here(
    month: Month, ada: Person, payable: Trip
) -> None:
    elsewhere = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    drive(ada, NOON, elsewhere)
    Absence.objects.create(
        organisation=elsewhere, person=ada, kind="leave", starts_at=NOON, ends_at=EVENING
    )

    said = batch_of(month)
    assert "vehicle_log" not in said
    assert said["absences"] == []


def test_what_reaches_over_the_end_of_a_month_is_told_in_both(
    felix: Person, ada: Person, month: Month
) -> None:
    first = NOON.replace(month=12, day=1, hour=1)
    Absence.objects.create(
        organisation=ada.organisation,
        person=ada,
        kind="leave",
        starts_at=first - timedelta(days=1),
        ends_at=first,
    )
    assert first.date() == date(2026, 12, 1)

    for name in (MONTH, "2026-12"):
        assert len(batch_of(month_for(felix, name))["absences"]) == 1
    assert batch_of(month_for(felix, "2026-10"))["absences"] == []
