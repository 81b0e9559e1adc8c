"""An appeal goes to somebody without a part in it, in time; both texts stay, nothing is paid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Department, Grant, Organisation, Person, Place, Post
from accounts.services.delegate import delegate
from attest.errors import MoveRefused, NotYours
from ledger.models import Access
from settlement.models import Payable
from settlement.paying import for_judging, judge
from tests.conftest import NOON, enrolled, phone_of
from tests.trips.stages import Stages
from tests.trips.touches import Phone
from trips.hearing import may_hear, officer_for
from trips.models import Appeal, Assessment, State, Trip
from trips.services.answer_appeal import answer_appeal
from trips.services.appeal import appeal
from trips.working_days import working_day_after

DAY = timedelta(days=1)
WORDS = "사진을 붙였는데 위치만 보았습니다."


@pytest.fixture
def vera(hall: Organisation, office: Department, workplace: Place) -> Person:
    """Another approver, with no part in ada's trips."""
    who = enrolled("mallory", hall, office, workplace)
    Grant.objects.create(person=who, role="approver", since=NOON - DAY)
    Person.objects.filter(pk=who.pk).update(name="vera")
    return Person.objects.get(pk=who.pk)


def made(trip: Trip, **said: Any) -> Appeal:
    words = {"about": "verdict", "text": WORDS} | said
    return appeal(trip, person=trip.traveller, now=NOON, **words)


def answered(row: Appeal, by: Person, **said: Any) -> Appeal:
    words = {"decision": "upheld", "text": "사진이 맞습니다."} | said
    return answer_appeal(row, officer=by, now=NOON, **words)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="accounts.backends.NumberBackend")
    return client


# --- the way of an appeal -----------------------------------------------------------------


def test_an_appeal_reaches_a_third_person_and_its_answer_the_traveller(
    trip: Trip, vera: Person, ada: Person
) -> None:
    body = {"about": "verdict", "text": WORDS}
    made = phone_of(ada).post(f"/api/v1/trips/{trip.uid}/appeals", body, format="json")

    assert (made.status_code, made.json()["due_on"]) == (201, "2026-12-07")
    row = Appeal.objects.get()
    assert row.officer == vera
    assert Post.objects.filter(person=vera, kind="to_hear").count() == 1
    desk = browser(vera)
    assert desk.get("/appeals/").context["appeals"] == [row]
    answer = {"decision": "upheld", "text": "사진이 맞습니다."}
    assert desk.post(f"/appeals/{row.uid}/", answer).status_code == 302
    page = browser(ada).get(f"/trips/{trip.uid}/").content.decode()
    assert WORDS in page
    assert "사진이 맞습니다." in page
    assert Post.objects.filter(person=ada, kind="heard").count() == 1
    assert desk.get("/appeals/").context["appeals"] == []


def test_while_it_is_open_the_trip_is_not_paid(stages: Stages, vera: Person) -> None:
    trip = stages[State.CONFIRMED]()
    Assessment.objects.filter(check_in__trip=trip).update(verdict="SUFFICIENT")

    def payable() -> tuple[str, str]:
        said = judge(for_judging(Trip.objects.filter(pk=trip.pk)).get())
        return said.payable, said.code

    before = payable()
    row = made(trip)
    assert payable() == (Payable.EXCEPTION, "claim.appeal-open")
    answered(row, vera, decision="declined")

    assert payable() == before
    assert before[1] != "claim.appeal-open"


def test_an_answer_changes_no_verdict(phone: Phone, trip: Trip, vera: Person) -> None:
    phone.touch(trip)
    before = list(Assessment.objects.values())
    answered(made(trip), vera)

    assert list(Assessment.objects.values()) == before


def test_one_appeal_at_a_time_and_another_after_the_answer(trip: Trip, vera: Person) -> None:
    row = made(trip)
    with pytest.raises(MoveRefused):
        made(trip)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(trip=trip, about="hold", by=row.by, at=NOON, due_on=row.due_on)
    answered(row, vera)

    assert made(trip, about="hold").state == "open"


def test_an_answer_is_given_once(trip: Trip, vera: Person) -> None:
    row = made(trip)
    answered(row, vera)

    with pytest.raises(MoveRefused):
        answered(row, vera, decision="declined")
    row.refresh_from_db()
    assert row.state == "upheld"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_without_words_there_is_neither_appeal_nor_answer(
    text: str, trip: Trip, vera: Person
) -> None:
    with pytest.raises(MoveRefused):
        made(trip, text=text)
    row = made(trip)
    with pytest.raises(MoveRefused):
        answered(row, vera, text=text)


# --- who hears ----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ada", "bora", "felix", "iris"])
def test_who_has_a_part_or_another_duty_does_not_answer(
    who: str, trip: Trip, vera: Person, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    row = made(trip)
    Grant.objects.create(person=person, role="approver", since=NOON - DAY)

    assert not may_hear(person, trip, at=NOON)
    with pytest.raises(NotYours):
        answered(row, person)


def test_whoever_decided_on_it_once_does_not_hear_it(
    trip: Trip, vera: Person, bora: Person
) -> None:
    trip.decisions.update(by=vera)

    assert not may_hear(vera, trip, at=NOON)


def test_a_delegate_of_the_approver_does_not_hear_it(
    trip: Trip, vera: Person, bora: Person
) -> None:
    delegate(bora, to=vera, since=NOON, until=NOON + DAY, now=NOON)

    assert officer_for(trip, at=NOON) is None
    assert officer_for(trip, at=NOON + DAY) == vera


def test_the_nearest_up_the_departments_hears_it_first(
    trip: Trip, vera: Person, hall: Organisation, office: Department, workplace: Place
) -> None:
    chief = enrolled("felix", hall, office, workplace)
    Grant.objects.filter(person=chief).delete()
    Grant.objects.create(person=chief, role="approver", since=NOON - DAY)
    Person.objects.filter(pk=chief.pk).update(name="zoe")
    office.parent = Department.objects.create(organisation=hall, name="안전국", approver=chief)
    office.save()
    trip.refresh_from_db()

    assert officer_for(trip, at=NOON) == chief


def test_where_nobody_can_hear_it_yet_it_waits_for_whoever_can(
    trip: Trip, hall: Organisation, office: Department, workplace: Place
) -> None:
    row = made(trip)
    assert row.officer is None
    later = enrolled("mallory", hall, office, workplace)
    Grant.objects.create(person=later, role="approver", since=NOON - DAY)

    assert browser(later).get("/appeals/").context["appeals"] == [row]
    assert answered(row, later).answered_by == later


def test_what_was_given_to_one_is_not_answered_by_another(
    trip: Trip, vera: Person, hall: Organisation, office: Department, workplace: Place
) -> None:
    row = made(trip)
    other = enrolled("felix", hall, office, workplace)
    Grant.objects.filter(person=other).delete()
    Grant.objects.create(person=other, role="approver", since=NOON - DAY)

    assert browser(other).get(f"/appeals/{row.uid}/").status_code == 404
    with pytest.raises(NotYours):
        answered(row, other)


def test_the_hearing_stands_in_adas_diary_and_closed_doors_stay_closed(
    trip: Trip, vera: Person, bora: Person, ada: Person
) -> None:
    row = made(trip)

    assert browser(vera).get(f"/appeals/{row.uid}/").status_code == 200
    look = Access.objects.get()
    assert (look.actor, look.subjects.get().person) == (vera, ada)
    assert browser(bora).get(f"/appeals/{row.uid}/").status_code == 404
    assert browser(ada).get(f"/appeals/{row.uid}/").status_code == 403


def test_another_persons_trip_is_not_appealed(trip: Trip, bora: Person) -> None:
    with pytest.raises(NotYours):
        appeal(trip, person=bora, about="verdict", text=WORDS, now=NOON)


def test_the_page_takes_an_appeal_and_refuses_an_empty_one(trip: Trip, ada: Person) -> None:
    page = browser(ada)

    assert page.post(f"/trips/{trip.uid}/appeal/", {"about": "x"}).status_code == 400
    form = {"about": "hold", "text": WORDS}
    assert page.post(f"/trips/{trip.uid}/appeal/", form).status_code == 302
    assert Appeal.objects.get().about == "hold"
    assert page.post(f"/trips/{trip.uid}/appeal/", form).status_code == 409


# --- ten working days ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "due"),
    [
        ("2026-11-23", "2026-12-07"),  # two week-ends
        ("2026-12-18", "2027-01-05"),  # Christmas and New Year fall on Fridays
        ("2026-02-09", "2026-02-26"),  # three days of the lunar new year
        ("2026-09-18", "2026-10-07"),  # Chuseok on two working days, and a substitute day
        ("2026-11-21", "2026-12-04"),  # made on a Saturday
    ],
)
def test_the_tenth_working_day_leaves_out_week_ends_and_public_holidays(
    made: str, due: str
) -> None:
    at = datetime.fromisoformat(made).replace(hour=3, tzinfo=UTC)

    assert working_day_after(at, days=10) == date.fromisoformat(due)


def test_the_day_is_koreas() -> None:
    late = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 00:30 on Monday in Seoul

    assert working_day_after(late, days=1) == date(2026, 11, 24)
