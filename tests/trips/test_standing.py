"""Who travels as their job is paid by the month: once, for whole months, as somebody else says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from accounts.models import Department, Organisation, Person, Place
from attest.errors import AlreadySettled, MoveRefused, NotYours
from ledger.models import Outbox
from tests.conftest import NOON, enrolled, phone_of
from trips.claim import claim_of
from trips.expected import expected_of
from trips.models import StandingAllowance, State, Trip
from trips.services.allow_standing import allow_standing
from trips.services.end_standing import end_standing

NOVEMBER = "2026-11"
# The last second of November in Seoul.
LAST_SECOND = datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)


def allow(person: Person, by: Person, **said: Any) -> StandingAllowance:
    asked: dict[str, Any] = {
        "first": NOVEMBER,
        "last": NOVEMBER,
        "monthly_won": 140_000,
        "reason": "상시출장자 지정",
        "by": by,
        "now": NOON,
    }
    return allow_standing(person, **asked | said)


def duty(trip: Trip) -> bool:
    fresh = Trip.objects.get(pk=trip.pk)
    (told,) = claim_of([fresh], person=fresh.traveller)["trips"]
    return bool(told.get("standing_duty"))


def page_of(by: Person, whose: Person) -> Callable[..., Any]:
    page = Client()
    page.force_login(by, backend="accounts.backends.NumberBackend")
    return lambda **said: page.post(f"/manage/people/{whose.uid}/standing/", said)


ASKED = {"first": "2026-11", "last": "2027-01", "monthly_won": "140000", "reason": "지정 명령"}


def test_an_in_area_trip_of_hers_is_covered_and_says_so(
    trip: Trip, ada: Person, olga: Person
) -> None:
    before = expected_of(trip)
    allow(ada, olga)
    after = expected_of(Trip.objects.get(pk=trip.pk))

    assert (before.total, after.total) == (20_000, 0)
    (line,) = after.lines
    assert (line["rule"], line["status"]) == ("R10", "refused")
    assert "월액여비" in line["why"]["ko"]


def test_a_colleagues_trips_are_paid_as_before(trip: Trip, bora: Person, olga: Person) -> None:
    allow(bora, olga)
    assert not duty(trip)


def test_beyond_her_own_city_she_is_paid_as_anybody(trip: Trip, ada: Person, olga: Person) -> None:
    allow(ada, olga)
    trip.stops.update(unit="11110")
    assert not duty(trip)


@pytest.mark.parametrize(
    ("starts_at", "covered"),
    [
        (LAST_SECOND - timedelta(days=30), False),
        (LAST_SECOND - timedelta(days=30) + timedelta(seconds=1), True),
        (LAST_SECOND, True),
        (LAST_SECOND + timedelta(seconds=1), False),
    ],
)
def test_a_month_begins_and_ends_at_midnight_in_seoul(
    starts_at: datetime, *, covered: bool, trip: Trip, ada: Person, olga: Person
) -> None:
    allow(ada, olga)
    Trip.objects.update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=5))
    assert duty(trip) is covered


@pytest.mark.parametrize(
    ("first", "last", "free"),
    [
        ("2026-09", "2026-10", True),
        ("2027-02", "2027-02", True),
        ("2026-10", "2026-11", False),
        ("2026-12", "2026-12", False),
        ("2027-01", "2027-05", False),
        ("2026-01", "2027-12", False),
    ],
)
def test_two_never_pay_one_month(
    first: str, last: str, *, free: bool, ada: Person, olga: Person
) -> None:
    allow(ada, olga, first="2026-11", last="2027-01")
    if free:
        allow(ada, olga, first=first, last=last)
    else:
        with pytest.raises(MoveRefused):
            allow(ada, olga, first=first, last=last)
    assert ada.standing_allowances.count() == 1 + free


def test_a_month_with_a_settled_trip_stays_as_it_was_paid(
    trip: Trip, ada: Person, olga: Person
) -> None:
    Trip.objects.update(state=State.SETTLED)
    with pytest.raises(AlreadySettled):
        allow(ada, olga)
    allow(ada, olga, first="2026-12", last="2026-12")

    Trip.objects.update(starts_at=NOON + timedelta(days=30), ends_at=NOON + timedelta(days=31))
    with pytest.raises(AlreadySettled):
        end_standing(ada.standing_allowances.get(), until="2026-12", reason="x", by=olga, now=NOON)
    assert ada.standing_allowances.get().until == "2027-01"


def test_it_ends_earlier_within_its_time_alone(ada: Person, olga: Person) -> None:
    row = allow(ada, olga, first="2026-11", last="2027-01")
    for until in ("2026-10", "2027-02", "2027-03"):
        with pytest.raises(MoveRefused):
            end_standing(row, until=until, reason="전보", by=olga, now=NOON)
    end_standing(row, until="2026-12", reason="전보", by=olga, now=NOON)
    row.refresh_from_db()
    assert (row.covers("2026-11"), row.covers("2026-12")) == (True, False)
    # The months that came free can be given again.
    allow(ada, olga, first="2026-12", last="2027-01")


def test_taken_back_whole_it_never_counts(ada: Person, olga: Person) -> None:
    row = allow(ada, olga)
    end_standing(row, until=NOVEMBER, reason="잘못 적음", by=olga, now=NOON)
    row.refresh_from_db()
    assert not row.covers(NOVEMBER)
    allow(ada, olga)


def test_both_deeds_stand_in_the_log_and_name_the_person_to_who_may_read(
    ada: Person, olga: Person
) -> None:
    row = allow(ada, olga)
    end_standing(row, until=NOVEMBER, reason="잘못 적음", by=olga, now=NOON)
    said = [bytes(leaf.entry).decode() for leaf in Outbox.objects.all()]
    told = [entry for entry in said if str(row.uid) in entry]
    assert len(told) == 2
    assert not any(ada.ref in entry or "140000" in entry for entry in told)


def test_nobody_writes_down_a_sum_of_their_own(olga: Person) -> None:
    with pytest.raises(NotYours):
        allow(olga, olga)
    row = StandingAllowance(
        person=olga, by=olga, first=NOVEMBER, until="2026-12", monthly_won=1, reason="x", at=NOON
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert page_of(olga, olga)(**ASKED).status_code == 403


def test_the_database_holds_its_bounds(ada: Person, olga: Person) -> None:
    allow(ada, olga)
    for wrong in (
        {"monthly_won": 0},
        {"monthly_won": -1},
        {"until": "2026-10"},
        {"by": F("person")},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StandingAllowance.objects.update(**wrong)


def test_an_administrator_writes_it_down_and_ends_it_on_one_page(ada: Person, olga: Person) -> None:
    post = page_of(olga, ada)
    assert post(**ASKED).status_code == 302
    row = ada.standing_allowances.get()
    assert (row.first, row.until, row.monthly_won) == ("2026-11", "2027-02", 140_000)

    shown = phone_of(olga).get(f"/manage/people/{ada.uid}/standing/").content.decode()
    assert "2026년 11월 – 2027년 1월 · 140,000" in shown
    assert f'name="end-row" value="{row.uid}"' in shown

    end = {"act": "end", "end-row": str(row.uid), "end-last": "2026-12", "end-reason": "전보"}
    assert post(**end).status_code == 302
    row.refresh_from_db()
    assert (row.until, row.end_reason, row.ended_by) == ("2027-01", "전보", olga)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "2026-13"},
        {"last": "2026-10"},
        {"first": "１２"},
        {"monthly_won": "0"},
        {"monthly_won": "-1"},
        {"monthly_won": "1.5"},
        {"monthly_won": "10000001"},
        {"reason": " "},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_kept(
    wrong: dict[str, str], ada: Person, olga: Person
) -> None:
    assert page_of(olga, ada)(**ASKED | wrong).status_code == 400
    assert not StandingAllowance.objects.exists()


def test_whoever_is_no_administrator_of_the_office_finds_nothing(
    ada: Person, olga: Person, felix: Person, workplace: Place
) -> None:
    away = Organisation.objects.create(name="먼시청")
    there = Department.objects.create(organisation=away, name="총무과")
    otto = enrolled("olga", away, there, workplace)
    row = allow(ada, olga)
    end = {"act": "end", "end-row": str(row.uid), "end-reason": "x!"}
    for one, status in ((felix, 403), (ada, 403), (otto, 404)):
        assert page_of(one, ada)(**ASKED).status_code == status
        assert page_of(one, ada)(**end).status_code == status
    with pytest.raises(NotYours):
        end_standing(row, until=NOVEMBER, reason="x", by=otto, now=NOON)
    assert StandingAllowance.objects.get().ended_at is None


def test_ending_another_persons_row_by_this_page_finds_nothing(
    ada: Person, bora: Person, olga: Person
) -> None:
    row = allow(bora, olga)
    end = {"act": "end", "end-row": str(row.uid), "end-reason": "전보"}
    assert page_of(olga, ada)(**end).status_code == 404
