"""A month's standing sum is worked out from settled trips, approved, signed and paid once."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction

from accounts.models import Grant, Organisation, Person, Place, Post, Role
from attest.allowance import part_of
from attest.errors import MoveRefused, NotYours
from settlement.models import Hold, Line, Month, Payable, Settlement
from settlement.months import check_line_of, month_for
from settlement.paying import Answer, for_judging, judge
from settlement.services.lay_sums import lay_sums
from settlement.services.resolve_hold import resolve_hold
from settlement.services.unsettle import unsettle
from settlement.standing import days_of
from tests.clock import Clock
from tests.conftest import NOON, SITE, phone_of, place
from tests.settlement.clerk_month import MONTH, taken_away
from tests.settlement.desk import (
    approved,
    batch_of,
    confirmed,
    names,
    ordered,
    pay,
    touch,
    travelled,
)
from trips.models import State, Trip
from trips.services.allow_standing import allow_standing
from trips.services.cancel import cancel
from trips.services.confirm import confirm
from trips.services.lay_standing import lay_standing
from trips.services.remind import remind
from trips.services.tell_costs import tell_costs

MONTHLY = 140_000
# One day of fifteen, down to ten won; and two.
ONE_DAY, TWO_DAYS = 9_330, 18_660
PAGE = f"/settlement/months/{MONTH}/standing/"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def allowed(ada: Person, olga: Person) -> None:
    allow_standing(
        ada,
        first=MONTH,
        last=MONTH,
        monthly_won=MONTHLY,
        reason="상시출장자",
        by=olga,
        now=NOON,
    )


@pytest.fixture
def december(payable: Trip, felix: Person, clock: Clock) -> Trip:
    """Her one trip of November is settled at nothing; the month is over."""
    settled(felix, payable, clock)
    clock.later(days=10)
    return payable


def settled(clerk: Person, trip: Trip, clock: Clock) -> Settlement:
    answer = pay(clerk, batch_of(clerk, trip, now=clock()))
    assert answer.status_code == 200, answer.content
    return Settlement.objects.get(trip=trip, voided_at=None)


def laid(clerk: Person, clock: Clock) -> int:
    return lay_sums(month_for(clerk, MONTH), clerk=clerk, now=clock()).rows


def the_row() -> Trip:
    return Trip.objects.get(source=Trip.Source.STANDING)


def said_yes(clock: Clock) -> Trip:
    row = the_row()
    assert row.approver
    return confirm(row, approver=row.approver, now=clock(), standing=row.standing)


def judged(trip: Trip) -> Answer:
    return judge(for_judging(Trip.objects.filter(pk=trip.pk)).get())


def late(ada: Person, bora: Person, site: Place, *, days: int = 1) -> Trip:
    return confirmed(ada, bora, site, starts_at=NOON + timedelta(days=days), hours=5)


def test_her_trip_is_settled_at_nothing_and_her_colleagues_as_before(
    payable: Trip, mallory: Person, bora: Person, site: Place
) -> None:
    assert judged(payable).payable == Payable.ZERO
    other = confirmed(mallory, bora, site)
    assert judged(other).sum.won == 20_000


@pytest.mark.usefixtures("december")
def test_the_sum_goes_by_the_days_of_settled_trips_and_is_paid_by_the_batch(
    felix: Person, clock: Clock
) -> None:
    assert laid(felix, clock) == 1
    assert judged(the_row()).payable == Payable.APPROVAL
    row = said_yes(clock)

    paid = settled(felix, row, clock)

    assert (paid.total, paid.month) == (ONE_DAY, MONTH)
    assert [(line.item, line.rule) for line in Line.objects.filter(settlement=paid)] == [
        ("standing", "R10")
    ]
    own = part_of(paid.result, str(row.uid))
    assert own
    assert own["rule_digest"] == paid.rule_digest
    assert the_row().state == State.SETTLED


@pytest.mark.usefixtures("december")
def test_it_stands_on_the_statement_and_the_check_line_comes_out(
    felix: Person, clock: Clock
) -> None:
    laid(felix, clock)
    settled(felix, said_yes(clock), clock)

    check = check_line_of(felix, MONTH)
    assert (check.total, check.other, check.adds_up) == (ONE_DAY, ONE_DAY, True)
    (sheet,) = openpyxl.load_workbook(BytesIO(taken_away(felix, "statement"))).worksheets
    line = [cell.value for cell in sheet[2]]
    assert line[8] == ONE_DAY
    assert line[10] == f"월액여비 {ONE_DAY:,}원"
    school = openpyxl.load_workbook(BytesIO(taken_away(felix, "school"))).worksheets[0]
    assert school.max_row == 1 + 1  # her trip; the sum of a month has no distance


def test_a_day_of_two_trips_counts_once(
    ada: Person, bora: Person, felix: Person, site: Place, payable: Trip, clock: Clock
) -> None:
    morning = confirmed(ada, bora, site, starts_at=NOON - timedelta(hours=3), hours=2)
    for trip in (payable, morning):
        settled(felix, trip, clock)
    assert len(days_of(ada, MONTH)) == 1


def test_a_trip_that_nobody_settled_counts_no_day(
    payable: Trip, ada: Person, felix: Person, clock: Clock
) -> None:
    assert payable.state == State.CONFIRMED
    clock.later(days=10)
    laid(felix, clock)
    assert the_row().standing == {"month": MONTH, "monthly_amount": MONTHLY, "days": 0}
    assert days_of(ada, MONTH) == set()
    assert judged(said_yes(clock)).payable == Payable.ZERO


def test_before_the_month_is_over_nothing_is_worked_out(
    payable: Trip, felix: Person, clock: Clock
) -> None:
    settled(felix, payable, clock)
    with pytest.raises(MoveRefused):
        laid(felix, clock)
    assert phone_of(felix).post(PAGE).status_code == 302
    assert not Trip.objects.filter(source=Trip.Source.STANDING).exists()


def test_asked_twice_there_is_one_row(december: Trip, felix: Person, clock: Clock) -> None:
    assert [laid(felix, clock), laid(felix, clock)] == [1, 0]
    row = the_row()
    again = Trip(
        number="BT26-999999",
        traveller=row.traveller,
        department=row.department,
        purpose="월액여비",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        registered_at=NOON,
        source=Trip.Source.STANDING,
        standing=row.standing,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    assert december.pk != row.pk


@pytest.mark.usefixtures("december")
def test_called_off_by_her_it_can_be_worked_out_again(
    ada: Person, felix: Person, clock: Clock
) -> None:
    laid(felix, clock)
    cancel(the_row(), actor=ada, reason="", now=clock())
    assert laid(felix, clock) == 1


@pytest.mark.usefixtures("december")
def test_a_trip_settled_meanwhile_has_it_counted_and_approved_again(
    ada: Person, bora: Person, felix: Person, site: Place, clock: Clock
) -> None:
    laid(felix, clock)
    row, second = said_yes(clock), late(ada, bora, site)
    batch = batch_of(felix, row, now=clock())
    settled(felix, second, clock)

    assert judged(row).code == "claim.standing-changed"
    pay(felix, batch)
    assert not Settlement.objects.filter(trip=row).exists()

    assert laid(felix, clock) == 1
    assert the_row().state == State.RETURNED
    assert settled(felix, said_yes(clock), clock).total == TWO_DAYS


@pytest.fixture
def outdated(
    december: Trip, ada: Person, bora: Person, felix: Person, site: Place, clock: Clock
) -> dict[str, Any]:
    """What her approver read of the sum, which counts another day since."""
    laid(felix, clock)
    shown: dict[str, Any] = the_row().standing or {}
    settled(felix, late(ada, bora, site), clock)
    assert laid(felix, clock) == 1
    assert december.pk != the_row().pk
    return shown


def test_a_sum_counted_anew_under_the_open_page_is_shown_anew_and_not_approved(
    outdated: dict[str, Any], bora: Person
) -> None:
    page = f"/approvals/{the_row().uid}/"
    desk = phone_of(bora)

    answer = desk.post(page, {"approve": "1", "standing": json.dumps(outdated)})

    said = answer.content.decode()
    assert answer.status_code == 409
    assert "standing.counted-anew" in said
    assert f"{TWO_DAYS:,}" in said
    assert the_row().state == State.APPROVED
    assert not the_row().decisions.exists()
    shown = answer.context["shown"].trip.standing
    assert desk.post(page, {"approve": "1", "standing": json.dumps(shown)}).status_code == 302
    assert the_row().state == State.CONFIRMED


def test_the_page_sends_back_the_sum_it_showed(outdated: dict[str, Any], bora: Person) -> None:
    page = f"/approvals/{the_row().uid}/"
    desk = phone_of(bora)
    field = re.search(r'name="standing" value="([^"]+)"', desk.get(page).content.decode())
    assert field
    sent = unescape(field[1])
    assert json.loads(sent) == the_row().standing != outdated
    assert desk.post(page, {"approve": "1", "standing": sent}).status_code == 302
    assert the_row().state == State.CONFIRMED


@pytest.mark.parametrize("sent", ["", "{", "null", "[]", "7"])
@pytest.mark.usefixtures("outdated")
def test_a_press_that_names_no_sum_approves_none(sent: str, bora: Person) -> None:
    page = f"/approvals/{the_row().uid}/"
    assert phone_of(bora).post(page, {"approve": "1", "standing": sent}).status_code == 409
    assert the_row().state == State.APPROVED


@pytest.mark.parametrize("named", [True, False])
def test_a_program_names_the_sum_it_approves(
    outdated: dict[str, Any], bora: Person, *, named: bool
) -> None:
    desk, row = phone_of(bora), the_row()
    where = f"/api/v1/trips/{row.uid}"
    asked = {"decision": "approve", "step": 2}
    first = asked | ({"standing": outdated} if named else {})

    answer = desk.post(f"{where}/approvals", first, format="json", headers=ENGLISH)

    assert answer.status_code == 409
    assert answer.json() == {
        "code": "standing.counted-anew",
        "detail": "This sum was counted anew meanwhile. Please look at it once more.",
    }
    shown = desk.get(where).json()["standing"]
    assert shown == row.standing
    answer = desk.post(f"{where}/approvals", {**asked, "standing": shown}, format="json")
    assert answer.json()["state"] == State.CONFIRMED


def test_nobody_else_learns_of_a_sum_by_approving_it(
    outdated: dict[str, Any], mallory: Person, felix: Person
) -> None:
    where = f"/api/v1/trips/{the_row().uid}/approvals"
    asked = {"decision": "approve", "step": 2, "standing": outdated}
    for other in (mallory, felix):
        assert phone_of(other).post(where, asked, format="json").status_code == 404


@pytest.mark.usefixtures("december")
def test_after_the_sum_was_paid_another_day_is_not_added_in_silence(
    ada: Person, bora: Person, felix: Person, site: Place, clock: Clock
) -> None:
    laid(felix, clock)
    settled(felix, said_yes(clock), clock)
    same_day = confirmed(ada, bora, site, starts_at=NOON + timedelta(hours=5), hours=2)
    another = late(ada, bora, site)

    assert judged(same_day).payable == Payable.ZERO
    assert (judged(another).payable, judged(another).code) == (
        Payable.EXCEPTION,
        "claim.standing-changed",
    )


def test_a_day_it_counts_is_not_taken_back_under_it(
    december: Trip, felix: Person, flora: Person, clock: Clock
) -> None:
    laid(felix, clock)
    total = settled(felix, said_yes(clock), clock)
    day = Settlement.objects.get(trip=december)
    with pytest.raises(MoveRefused) as refused:
        unsettle(day, clerk=felix, reason="다시", now=clock())
    assert refused.value.why == "settlement.counted"

    for clerk in (felix, flora):
        unsettle(total, clerk=clerk, reason="다시", now=clock())
    for clerk in (felix, flora):
        unsettle(day, clerk=clerk, reason="다시", now=clock())
    assert judged(the_row()).code == "claim.standing-changed"


@pytest.mark.usefixtures("december")
def test_an_allowance_that_changed_since_is_no_sum_to_pay(
    ada: Person, felix: Person, clock: Clock
) -> None:
    laid(felix, clock)
    said_yes(clock)
    ada.standing_allowances.update(monthly_won=MONTHLY + 1)
    assert judged(the_row()).code == "claim.standing-changed"
    ada.standing_allowances.update(until=MONTH)
    assert judged(the_row()).code == "claim.standing-changed"


@pytest.mark.usefixtures("december")
def test_nobody_lays_their_own_and_no_other_office_is_touched(
    ada: Person, felix: Person, clock: Clock
) -> None:
    Grant.objects.create(person=ada, role=Role.CLERK, since=NOON)
    her = Person.objects.get(pk=ada.pk)
    assert laid(her, clock) == 0
    with pytest.raises(NotYours):
        lay_standing(ada, facts={"month": MONTH}, by=her, now=clock())
    away = Month.objects.get(name=MONTH)
    assert lay_sums(away, clerk=felix, now=clock()).rows == 1


@pytest.mark.parametrize("who", ["ada", "bora", "iris", "olga", "mallory"])
@pytest.mark.usefixtures("december")
def test_whoever_is_no_clerk_works_out_nothing(who: str, request: pytest.FixtureRequest) -> None:
    answer = phone_of(request.getfixturevalue(who)).post(PAGE)
    assert answer.status_code == 403
    assert Trip.objects.filter(source=Trip.Source.STANDING).count() == 0


@pytest.mark.usefixtures("december")
def test_pages_of_the_sum_say_what_it_is(
    ada: Person, bora: Person, felix: Person, iris: Person, clock: Clock
) -> None:
    step = f"/settlement/months/{MONTH}/?step=4"
    assert phone_of(felix).get(step).context["standing"] == 1
    assert phone_of(felix).post(PAGE).status_code == 302
    row = the_row()
    assert names("월액여비", phone_of(bora).get(f"/approvals/{row.uid}/"))
    said_yes(clock)
    paid = settled(felix, row, clock)
    here = f"/settlement/settlements/{paid.uid}/"
    pages = [
        (ada, f"/trips/{row.uid}/"),
        (ada, "/trips/"),
        (felix, here),
        (felix, f"/settlement/months/{MONTH}/dates/"),
        (iris, f"/audit/trips/{row.uid}/"),
    ]
    for person, page in pages:
        answer = phone_of(person).get(page)
        assert answer.status_code == 200, page
        assert "월액여비" in answer.content.decode(), page
    # Nobody asked for it, so there is no form of the asking.
    assert phone_of(felix).get(f"{here}claim/").status_code == 404


def test_it_is_nothing_to_touch_and_overlaps_no_trip(
    december: Trip, ada: Person, felix: Person, clock: Clock
) -> None:
    laid(felix, clock)
    page = phone_of(ada).get("/")
    assert "월액여비" not in page.content.decode()
    said_yes(clock)
    assert judged(december).payable == Payable.SETTLED
    phone_of(felix).post(f"/settlement/months/{MONTH}/check/")
    assert not Month.objects.get(name=MONTH).findings.filter(code="trip.overlap").exists()


def test_a_trip_of_three_weeks_counts_the_one_day_it_would_be_paid_for(
    ada: Person, bora: Person, felix: Person, site: Place, clock: Clock
) -> None:
    """One good touch is no twenty days."""
    long = confirmed(ada, bora, site, hours=5 * 24)
    settled(felix, long, clock)
    assert days_of(ada, MONTH) == {NOON.date()}


@pytest.fixture
def far(hall: Organisation, ada: Person, bora: Person, clock: Clock) -> Trip:
    """Hers of the same day, to another city, with what it cost."""
    away = place(hall, "부산시청", SITE, unit="26470")
    trip = travelled(ordered(ada, bora, away, starts_at=NOON - timedelta(hours=6), hours=5))
    tell_costs(trip, person=ada, costs={"no_fares": True}, now=clock())
    return approved(Trip.objects.get(pk=trip.pk))


def test_a_day_that_a_trip_to_another_city_paid_is_left_out(
    payable: Trip, far: Trip, ada: Person, felix: Person, clock: Clock
) -> None:
    settled(felix, payable, clock)
    assert len(days_of(ada, MONTH)) == 1
    settled(felix, far, clock)
    assert days_of(ada, MONTH) == set()


@pytest.mark.usefixtures("december")
def test_a_trip_to_another_city_does_not_pay_a_day_of_the_paid_sum_again(
    far: Trip, felix: Person, clock: Clock
) -> None:
    laid(felix, clock)
    settled(felix, said_yes(clock), clock)
    assert judged(far).code == "claim.standing-changed"


@pytest.mark.usefixtures("december")
def test_an_overlap_that_was_explained_adds_no_day_to_the_paid_sum(
    ada: Person, bora: Person, felix: Person, site: Place, clock: Clock
) -> None:
    laid(felix, clock)
    settled(felix, said_yes(clock), clock)
    one, other = (late(ada, bora, site) for _ in range(2))
    hold = Hold.objects.create(
        trip=one, reason_code="claim.overlap", blocking=True, at=clock(), by=felix
    )
    resolve_hold(hold, clerk=felix, resolution="explained", reason="한 출장 두 건", now=clock())
    for trip in (one, other):
        assert judged(trip).code == "claim.standing-changed"


@pytest.mark.usefixtures("december")
def test_the_row_of_a_sum_is_nowhere_to_arrive_at(ada: Person, felix: Person, clock: Clock) -> None:
    laid(felix, clock)
    row = the_row()
    phone = phone_of(ada)
    assert phone.get(f"/?trip={row.uid}").status_code == 404
    page = phone.get(f"/trips/{row.uid}/")
    assert page.context["may"]["touch"] is page.context["may"]["cost"] is False
    with pytest.raises(MoveRefused):
        tell_costs(row, person=ada, costs={"no_fares": True}, now=clock())

    arrived = touch(row, at=clock())
    assert arrived.trip_id != row.pk
    assert the_row().state == State.APPROVED


@pytest.mark.usefixtures("december")
def test_nobody_is_reminded_to_come_back_from_a_sum(felix: Person, clock: Clock) -> None:
    clock.at = the_end = NOON.replace(day=30, hour=18)  # the first hours of December in Seoul
    laid(felix, clock)
    remind(now=the_end)
    assert not Post.objects.filter(about=the_row().uid).exists()
