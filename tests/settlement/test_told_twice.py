"""A row of a sheet and a touch of one day may be one trip told twice: nobody is paid for both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from settlement.models import Hold, SheetRow
from settlement.paying import Answer, for_judging, judge
from settlement.services.resolve_hold import resolve_hold
from tests.conftest import NOON
from tests.settlement.clerk_month import brought_in, taken
from tests.settlement.desk import EVENING, batch_of, confirmed, pay
from tests.settlement.sheets.samples import row, xlsx
from trips.models import State, Trip

DAY = {"E": "2026-11-23", "F": "2026-11-23", "I": "다른 곳"}


def adopted(clerk: Person, **said: Any) -> Trip:
    """The row comes in before anybody has touched: it is only in the sheet, and taken over."""
    (trip,) = all_adopted(clerk, said)
    return trip


def all_adopted(clerk: Person, *rows: dict[str, Any]) -> list[Trip]:
    brought_in(clerk, xlsx(*[row(**(DAY | said)) for said in rows]))
    taken(clerk)
    Hold.objects.update(state="resolved", resolution_code="other-proof", resolved_at=EVENING)
    return list(Trip.objects.order_by("pk"))


def answer(trip: Trip) -> Answer:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk))


def payable(trip: Trip) -> tuple[str, str]:
    """Held with its code, or good; the cap of a day may leave nothing of a good one."""
    said = answer(trip)
    return GOOD if said.payable == "zero" else (said.payable.value, said.code)


TWICE = ("exception", "claim.overlap")
GOOD = ("payable", "payable")


def test_a_day_without_a_clock_and_a_touch_of_that_day_hold_each_other(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    told = adopted(felix)
    assert payable(told) == GOOD

    touched = confirmed(ada, bora, site)

    assert (payable(told), payable(touched)) == (TWICE, TWICE)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (NOON - timedelta(days=1), GOOD),
        (NOON, TWICE),
        (NOON + timedelta(days=1), TWICE),
        (NOON + timedelta(days=2), GOOD),
    ],
)
def test_the_days_of_a_row_are_from_its_first_to_its_last(
    felix: Person,
    ada: Person,
    bora: Person,
    site: Place,
    starts: datetime,
    expected: tuple[str, str],
) -> None:
    adopted(felix, F="2026-11-24", G="1일 4시간")

    assert payable(confirmed(ada, bora, site, starts_at=starts, hours=2)) == expected


def test_a_row_with_a_clock_is_another_trip_of_the_day(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    told = adopted(felix, E="2026-11-23 07:00", F="2026-11-23 11:30")

    touched = confirmed(ada, bora, site)

    assert (payable(told), payable(touched)) == (GOOD, GOOD)


def test_a_clock_that_says_the_same_hours_overlaps(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    told = adopted(felix, E="2026-11-23 08:00", F="2026-11-23 12:30", G="4시간 30분")

    touched = confirmed(ada, bora, site)

    assert (payable(told), payable(touched)) == (TWICE, TWICE)


def test_two_rows_of_one_day_are_the_sheets_own_word(
    felix: Person, ada: Person, bora: Person
) -> None:
    first, second = all_adopted(felix, {}, {"B": 2, "I": "셋째 곳"})

    assert (payable(first), payable(second)) == (GOOD, GOOD)


def test_the_trip_of_somebody_else_is_none_of_it(
    felix: Person, ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    told = adopted(felix)

    assert payable(confirmed(mallory, bora, site)) == GOOD
    assert payable(told) == GOOD


def test_a_touch_that_was_voided_is_none(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    told = adopted(felix)
    touched = confirmed(ada, bora, site)
    Trip.objects.filter(pk=touched.pk).update(state=State.VOIDED)

    assert payable(told) == GOOD


@pytest.mark.parametrize(("later", "expected"), [(0, GOOD), (-1, TWICE)])
def test_a_clerks_word_counts_where_the_touch_was_known_when_it_was_given(
    felix: Person,
    ada: Person,
    bora: Person,
    site: Place,
    later: int,
    expected: tuple[str, str],
) -> None:
    told = adopted(felix)
    touched = confirmed(ada, bora, site)
    at = touched.registered_at + timedelta(seconds=later)
    SheetRow.objects.filter(trip=told).update(reason="오전에 따로 다녀온 출장", decided_at=at)

    assert (payable(told), payable(touched)) == (expected, expected)


def test_a_decision_without_a_reason_is_no_word(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    told = adopted(felix)
    touched = confirmed(ada, bora, site)
    SheetRow.objects.filter(trip=told).update(reason="", decided_at=EVENING)

    assert payable(touched) == TWICE


def test_once_it_is_explained_it_is_paid_and_the_other_still_waits(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    told = adopted(felix)
    touched = confirmed(ada, bora, site)
    held = Hold.objects.create(trip=touched, reason_code="claim.overlap", at=EVENING, by=felix)
    reason = "오전과 오후에 두 번 다녀왔습니다"
    resolve_hold(held, clerk=felix, resolution="explained", reason=reason, now=EVENING)

    assert payable(touched) == GOOD
    # A yes to one trip is none to the other.
    assert payable(told) == TWICE
    assert pay(felix, batch_of(felix, touched)).json()["rows"][0]["refused"] == ""
