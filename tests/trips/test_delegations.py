"""Somebody stands in for an approver: from a day to a day, in the open, and for nobody's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.hands import hands_of
from accounts.models import Delegation, Department, Grant, Organisation, Person, Place, Post
from accounts.services.delegate import LONGEST, MOST, delegate
from accounts.services.end_delegation import end_delegation
from attest.errors import DutiesClash, NotYours
from audit.selectors import Filter, trips_audited_by
from ledger.models import Access, Outbox
from settlement.selectors import may_settle
from tests.clock import Clock
from tests.conftest import NOON, enrolled, phone_of, plan_of
from tests.trips.stages import Stages
from trips.models import Decision, State, Trip
from trips.selectors import approvals_pending, trips_visible_to
from trips.services.decide_correction import decide_correction
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for

DAY = timedelta(days=1)


@pytest.fixture
def bert(hall: Organisation, office: Department, workplace: Place) -> Person:
    """Another approver: bora's stand-in."""
    who = enrolled("mallory", hall, office, workplace)
    Grant.objects.create(person=who, role="approver", since=NOON - DAY)
    Person.objects.filter(pk=who.pk).update(name="bert")
    return Person.objects.get(pk=who.pk)


@pytest.fixture
def asked(ada: Person, bora: Person, site: Place) -> Trip:
    """Ada's trip, before bora."""
    return ask_for(draft(traveller=ada, plan=plan_of(bora, site), now=NOON), now=NOON)


def hand_on(giver: Person, to: Person, **said: Any) -> Delegation:
    days: dict[str, Any] = {"since": NOON, "until": NOON + DAY, "now": NOON} | said
    return delegate(giver, to=to, **days)


def travels(person: Person, approver: Person, site: Place) -> Trip:
    return ask_for(draft(traveller=person, plan=plan_of(approver, site), now=NOON), now=NOON)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="accounts.backends.NumberBackend")
    return client


def test_a_delegate_decides_and_the_trip_says_whose_decision_it_was(
    asked: Trip, bora: Person, bert: Person, ada: Person
) -> None:
    hand_on(bora, bert)

    order(asked, approver=bert, now=NOON)

    said = Decision.objects.get()
    asked.refresh_from_db()
    assert (said.by, said.instead_of, asked.approver) == (bert, bora, bora)
    page = browser(ada).get(f"/trips/{asked.uid}/").content.decode()
    assert "bert" in page
    leaf = bytes(Outbox.objects.latest("pk").entry).decode()
    assert "approval" in leaf
    assert bora.ref not in leaf


def test_without_a_delegation_another_approver_decides_nothing(asked: Trip, bert: Person) -> None:
    with pytest.raises(NotYours):
        order(asked, approver=bert, now=NOON)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (NOON - timedelta(seconds=1), 0),
        (NOON, 1),
        (NOON + DAY - timedelta(seconds=1), 1),
        (NOON + DAY, 0),
    ],
)
def test_it_begins_and_ends_by_itself(
    at: Any, found: int, asked: Trip, bora: Person, bert: Person
) -> None:
    hand_on(bora, bert)

    assert approvals_pending(bert, at=at).filter(pk=asked.pk).count() == found
    assert len(hands_of(bert, at=at).of) == found


def test_ended_before_its_day_it_opens_nothing_and_both_ends_stand_in_the_log(
    asked: Trip, bora: Person, bert: Person
) -> None:
    row = hand_on(bora, bert)
    end_delegation(row, now=NOON)
    leaves = Outbox.objects.count()
    end_delegation(row, now=NOON + timedelta(hours=1))

    with pytest.raises(NotYours):
        order(asked, approver=bert, now=NOON + timedelta(minutes=1))
    assert Outbox.objects.count() == leaves
    assert Delegation.objects.get().ended_at == NOON
    assert Post.objects.filter(person=bert, kind="delegated").count() == 2
    names = [bytes(row.entry).decode() for row in Outbox.objects.order_by("-pk")[:2]]
    assert ['"delegation-ended"' in names[0], '"delegated"' in names[1]] == [True, True]


# --- no path back -------------------------------------------------------------------------


def test_a_delegate_never_decides_on_their_own_trip(
    bora: Person, bert: Person, site: Place
) -> None:
    own = travels(bert, bora, site)
    hand_on(bora, bert)

    assert own not in approvals_pending(bert, at=NOON)
    with pytest.raises(NotYours):
        order(own, approver=bert, now=NOON)


def test_a_delegate_never_decides_on_the_trip_of_whom_they_stand_in_for(
    bora: Person, bert: Person, site: Place
) -> None:
    """Even where they are its approver by themselves."""
    hers = travels(bora, bert, site)
    hand_on(bora, bert)

    assert hers not in approvals_pending(bert, at=NOON)
    with pytest.raises(NotYours):
        order(hers, approver=bert, now=NOON)
    order(hers, approver=bert, now=NOON + DAY)


def test_who_handed_on_never_decides_on_the_trip_of_their_delegate(
    bora: Person, bert: Person, site: Place
) -> None:
    his = travels(bert, bora, site)
    hand_on(bora, bert)

    with pytest.raises(NotYours):
        order(his, approver=bora, now=NOON)


@pytest.fixture
def chain(
    bora: Person, bert: Person, hall: Organisation, office: Department, workplace: Place
) -> tuple[Person, Person, Person]:
    """Bora hands on to bert, and bert to a third."""
    third = enrolled("felix", hall, office, workplace)
    Grant.objects.create(person=third, role="approver", since=NOON - DAY)
    hand_on(bora, bert)
    hand_on(bert, third)
    return bora, bert, third


@pytest.mark.parametrize(("traveller", "checker"), [(0, 2), (2, 0)])
def test_a_path_over_a_third_person_closes_a_trip_too(
    traveller: int, checker: int, chain: tuple[Person, Person, Person], site: Place
) -> None:
    trip = travels(chain[traveller], chain[checker], site)

    with pytest.raises(NotYours):
        order(trip, approver=chain[checker], now=NOON)


def test_what_was_taken_is_not_handed_on(asked: Trip, chain: tuple[Person, Person, Person]) -> None:
    """The third stands in for bert, not for bora."""
    with pytest.raises(NotYours):
        order(asked, approver=chain[2], now=NOON)


def test_two_who_stand_in_for_each_other_decide_on_others_alone(
    asked: Trip, bora: Person, bert: Person, site: Place
) -> None:
    hand_on(bora, bert)
    hand_on(bert, bora)
    trips = [travels(bert, bora, site), travels(bora, bert, site)]

    for trip, checker in zip(trips, (bora, bert), strict=True):
        with pytest.raises(NotYours):
            order(trip, approver=checker, now=NOON)
    order(asked, approver=bert, now=NOON)


# --- duties -------------------------------------------------------------------------------


def test_a_clerk_who_approved_as_a_delegate_does_not_pay_the_trip(
    stages: Stages, bora: Person, felix: Person
) -> None:
    Grant.objects.create(person=felix, role="approver", since=NOON - DAY)
    hand_on(bora, felix)
    trip = stages[State.RETURNED]()
    answer = phone_of(felix).post(
        f"/api/v1/trips/{trip.uid}/approvals", {"decision": "approve", "step": 2}, format="json"
    )

    assert answer.status_code == 200
    trip.refresh_from_db()
    assert not may_settle(felix, trip, at=NOON)


@pytest.mark.parametrize("who", ["ada", "iris", "bora"])
def test_only_another_approver_who_audits_nothing_stands_in(
    who: str, bora: Person, request: pytest.FixtureRequest
) -> None:
    to = request.getfixturevalue(who)
    if who == "iris":
        Grant.objects.create(person=to, role="approver", since=NOON - DAY)

    with pytest.raises(DutiesClash):
        hand_on(bora, to)
    assert not Delegation.objects.exists()


def test_a_delegate_who_is_no_approver_any_more_decides_nothing(
    asked: Trip, bora: Person, bert: Person
) -> None:
    hand_on(bora, bert)
    Grant.objects.filter(person=bert, role="approver").update(until=NOON)
    later = Person.objects.get(pk=bert.pk)

    with pytest.raises(NotYours):
        order(asked, approver=later, now=NOON)


@pytest.mark.parametrize(
    "days",
    [
        {"until": NOON - DAY, "since": NOON - 2 * DAY},
        {"until": NOON},
        {"until": NOON + LONGEST + timedelta(seconds=1)},
    ],
)
def test_days_that_cannot_be_are_refused(days: Any, bora: Person, bert: Person) -> None:
    with pytest.raises(DutiesClash):
        hand_on(bora, bert, **days)


def test_there_is_an_end_to_how_often_somebody_hands_on(bora: Person, bert: Person) -> None:
    for _ in range(MOST):
        hand_on(bora, bert)

    with pytest.raises(DutiesClash):
        hand_on(bora, bert)


# --- pages --------------------------------------------------------------------------------


def test_bora_hands_on_whole_days_and_takes_them_back_on_the_page(
    bora: Person, bert: Person, clock: Clock
) -> None:
    page = browser(bora)
    form = {"to": str(bert.pk), "first": "2026-11-23", "last": "2026-11-24"}

    assert page.post("/approvals/delegations/", form).status_code == 302

    row = Delegation.objects.get()
    assert (row.since.isoformat(), row.until.isoformat()) == (
        "2026-11-22T15:00:00+00:00",
        "2026-11-24T15:00:00+00:00",
    )
    assert browser(bert).get("/approvals/delegations/").context["taken"] == [row]
    assert page.post(f"/approvals/delegations/{row.uid}/end/").status_code == 302
    assert page.get("/approvals/delegations/").context["given"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "2026-11-22"},
        {"last": "2026-11-22"},
        {"last": "2027-11-22"},
        {"to": "0"},
        {"to": ""},
        {"first": "x"},
    ],
)
def test_a_form_that_cannot_be_is_refused(
    wrong: dict[str, str], bora: Person, bert: Person
) -> None:
    form = {"to": str(bert.pk), "first": "2026-11-23", "last": "2026-11-24"} | wrong

    assert browser(bora).post("/approvals/delegations/", form).status_code == 400
    assert not Delegation.objects.exists()


def test_nobody_ends_what_another_handed_on(bora: Person, bert: Person, ada: Person) -> None:
    row = hand_on(bora, bert)

    for who in (bert, ada):
        assert browser(who).post(f"/approvals/delegations/{row.uid}/end/").status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None


def test_who_approves_nothing_hands_on_nothing(ada: Person) -> None:
    assert browser(ada).get("/approvals/delegations/").status_code == 403
    assert browser(ada).post("/approvals/delegations/", {}).status_code == 403


def test_a_delegate_looks_as_an_approver_and_stands_in_adas_diary(
    asked: Trip, bora: Person, bert: Person, ada: Person
) -> None:
    hand_on(bora, bert)

    assert browser(bert).get(f"/approvals/{asked.uid}/").status_code == 200

    look = Access.objects.get()
    assert (look.actor, look.role, look.purpose) == (bert, "approver", "approval")
    assert look.subjects.get().person == ada
    assert asked in trips_visible_to(bert, at=NOON)
    assert asked not in trips_visible_to(bert, at=NOON + DAY)


def test_a_delegate_answers_a_correction(
    stages: Stages, bora: Person, bert: Person, ada: Person
) -> None:
    trip = stages[State.RETURNED]()
    hand_on(bora, bert)
    body = {"what": "time", "value": "18:00", "reason": "늦음"}
    phone_of(ada).post(f"/api/v1/trips/{trip.uid}/corrections", body, format="json")

    row = decide_correction(
        trip.corrections.get(), approver=bert, decision="accepted", note="", now=NOON
    )

    assert row.answered_by == bert


def test_an_auditor_finds_the_trips_a_delegate_decided_on(
    asked: Trip, bora: Person, bert: Person, iris: Person, site: Place, ada: Person
) -> None:
    hand_on(bora, bert)
    order(asked, approver=bert, now=NOON)
    order(travels(ada, bora, site), approver=bora, now=NOON)

    assert list(trips_audited_by(iris, Filter(decided="delegate"))) == [asked]
    found = phone_of(iris).post("/api/v1/searches", {"decided": "delegate"}, format="json")
    assert found.json()["total"] == 1
    assert Filter.read({"decided": "x"}) == Filter()
