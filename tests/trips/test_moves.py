"""Every move in every state, as the table of 01-model.md §3 has it: written from there by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Grant, Person, Place
from attest.errors import MoveRefused, NotYours
from tests.conftest import NOON, plan_of
from tests.trips.log import leaves, line_of, rows, types
from tests.trips.stages import Stages, outcome, said_to_be_none
from tests.trips.touches import Phone
from trips.models import MOVES, State, Trip
from trips.services.add_item import add_item
from trips.services.cancel import cancel
from trips.services.confirm import confirm
from trips.services.correct import correct
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for
from trips.services.return_request import return_request
from trips.services.revise import revise
from trips.services.send_back import send_back
from trips.services.void import void

(
    DRAFT,
    REQUESTED,
    APPROVED,
    TRAVELLING,
    RETURNED,
    CONFIRMED,
    SETTLED,
    CANCELLED,
    VOIDED,
) = State

# verb → state it starts from → state it leads to, leaves it writes. What is absent is refused.
Allowed = dict[State, tuple[State, list[str]]]
TABLE: dict[str, Allowed] = {
    "revise": {DRAFT: (DRAFT, [])},
    "request": {DRAFT: (REQUESTED, ["trip-open"])},
    "order": {REQUESTED: (APPROVED, ["approval"])},
    "return_request": {REQUESTED: (DRAFT, ["approval"])},
    "arrive": {
        DRAFT: (TRAVELLING, ["trip-open", "checkin"]),
        REQUESTED: (TRAVELLING, ["checkin"]),
        APPROVED: (TRAVELLING, ["checkin"]),
        TRAVELLING: (TRAVELLING, ["checkin"]),
        RETURNED: (RETURNED, ["checkin"]),
        CONFIRMED: (CONFIRMED, ["checkin"]),
        # Never refused: another trip is made for it.
        SETTLED: (SETTLED, ["trip-open", "checkin"]),
        CANCELLED: (CANCELLED, ["trip-open", "checkin"]),
        VOIDED: (VOIDED, ["trip-open", "checkin"]),
    },
    "return": {
        DRAFT: (RETURNED, ["trip-open", "checkin"]),
        REQUESTED: (RETURNED, ["checkin"]),
        APPROVED: (RETURNED, ["checkin"]),
        TRAVELLING: (RETURNED, ["checkin"]),
        RETURNED: (RETURNED, ["checkin"]),
        CONFIRMED: (CONFIRMED, ["checkin"]),
        SETTLED: (SETTLED, ["trip-open", "checkin"]),
        CANCELLED: (CANCELLED, ["trip-open", "checkin"]),
        VOIDED: (VOIDED, ["trip-open", "checkin"]),
    },
    "confirm": {
        APPROVED: (CONFIRMED, ["approval"]),
        TRAVELLING: (CONFIRMED, ["approval"]),
        RETURNED: (CONFIRMED, ["approval"]),
    },
    "send_back": {CONFIRMED: (RETURNED, ["approval"])},
    "cancel": {
        DRAFT: (CANCELLED, []),
        REQUESTED: (CANCELLED, ["void"]),
        APPROVED: (CANCELLED, ["void"]),
    },
    "void": {
        TRAVELLING: (VOIDED, ["void"]),
        RETURNED: (VOIDED, ["void"]),
        CONFIRMED: (VOIDED, ["void"]),
    },
    "add_item": {state: (state, ["correction"]) for state in State if state != DRAFT},
    "correct": {state: (state, ["correction"]) for state in State if state != DRAFT},
}

Deeds = dict[str, Callable[[Trip], Any]]


@pytest.fixture
def deeds(phone: Phone, bora: Person, felix: Person, site: Place) -> Deeds:
    """Who does it, with everything it takes but the state of the trip."""
    ada = phone.person
    again = plan_of(bora, site, purpose="다시 쓴 목적")
    return {
        "revise": lambda trip: revise(trip, plan=again, now=NOON),
        "request": lambda trip: ask_for(trip, now=NOON),
        "order": lambda trip: order(trip, approver=bora, now=NOON),
        "return_request": lambda trip: return_request(trip, approver=bora, reason="왜", now=NOON),
        "arrive": phone.touched,
        "return": lambda trip: phone.touched(trip, "return"),
        "confirm": lambda trip: confirm(trip, approver=bora, now=NOON),
        "send_back": lambda trip: send_back(trip, actor=bora, reason="왜", now=NOON),
        "cancel": lambda trip: cancel(trip, actor=ada, reason="", now=NOON),
        "void": lambda trip: void(trip, clerk=felix, reason="아님", now=NOON),
        "add_item": lambda trip: add_item(trip, person=ada, text="문이 잠겨 있었다", now=NOON),
        "correct": lambda trip: correct(
            trip, person=ada, what="time", value="18:00", reason="늦음", now=NOON
        ),
    }


@pytest.fixture
def standing(verb: str, state: State, stages: Stages) -> Trip:
    """A trip in *state* with what the guard of *verb* asks for besides."""
    ready = {"void": {TRAVELLING, RETURNED, CONFIRMED}}
    trip = stages[state]()
    return said_to_be_none(trip) if state in ready.get(verb, ()) else trip


ALLOWED = [(verb, state) for verb in TABLE for state in TABLE[verb]]


@pytest.mark.parametrize(("verb", "state"), ALLOWED)
def test_this_move_is_made_and_the_log_hears_of_it(
    verb: str, state: State, standing: Trip, deeds: Deeds
) -> None:
    before = len(leaves())

    deeds[verb](standing)

    after, heard = TABLE[verb][state]
    standing.refresh_from_db()
    assert standing.state == after
    assert types(before) == heard


@pytest.mark.parametrize("state", State)
def test_every_other_move_is_refused_and_nothing_is_written(
    state: State, stages: Stages, deeds: Deeds
) -> None:
    trip, before = stages[state](), rows()
    refused = [verb for verb in TABLE if state not in TABLE[verb]]

    said = {verb: outcome(deeds[verb], trip) for verb in refused}

    assert said == dict.fromkeys(refused, "trip.move-refused")
    trip.refresh_from_db()
    assert trip.state == state
    assert rows() == before


def test_the_table_in_the_code_is_that_of_the_document() -> None:
    own = set(TABLE) - {"revise", "add_item", "correct"}
    settling = {"settle": {CONFIRMED: SETTLED}, "unsettle": {SETTLED: CONFIRMED}}
    over = {SETTLED, CANCELLED, VOIDED}
    said = {
        verb: {state: to for state, (to, _) in TABLE[verb].items() if state not in over}
        for verb in own
    }

    # A decision is undone within seconds, before the next one took the trip (ux.md §7.1).
    undone = {"take_back": {APPROVED: REQUESTED, CONFIRMED: RETURNED}}

    assert said | settling | undone == MOVES


# --- writing it down --------------------------------------------------------------------


def test_a_draft_is_nobodys_business_yet(ada: Person, bora: Person, site: Place) -> None:
    trip = draft(traveller=ada, plan=plan_of(bora, site), now=NOON)

    assert trip.state == DRAFT
    assert leaves() == []


def test_a_request_sent_again_is_a_correction_of_the_first(stages: Stages, bora: Person) -> None:
    trip = return_request(stages[REQUESTED](), approver=bora, reason="어디인지", now=NOON)
    ask_for(trip, now=NOON)

    assert [leaf["t"] for leaf in line_of(trip.log_id)] == ["trip-open", "approval", "correction"]


@pytest.mark.parametrize("lacking", ["purpose", "stops", "approver"])
def test_a_request_needs_all_its_fields(
    lacking: str, stages: Stages, ada: Person, site: Place, bora: Person
) -> None:
    given: dict[str, dict[str, Any]] = {
        "purpose": {"purpose": ""},
        "stops": {"stops": ()},
        "approver": {},
    }
    trip = draft(traveller=ada, plan=plan_of(bora, site, **given[lacking]), now=NOON)
    Trip.objects.filter(pk=trip.pk).update(approver=None if lacking == "approver" else bora)
    before = rows()

    with pytest.raises(MoveRefused):
        ask_for(trip, now=NOON)
    assert rows() == before


# --- who decides --------------------------------------------------------------------------


def test_the_database_lets_nobody_approve_their_own_trip(trip: Trip) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Trip.objects.filter(pk=trip.pk).update(approver=trip.traveller_id)


def test_the_database_lets_no_trip_end_before_it_began(trip: Trip) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Trip.objects.filter(pk=trip.pk).update(ends_at=trip.starts_at - timedelta(seconds=1))


DECISIONS: dict[str, tuple[State, Callable[[Trip, Person], Any]]] = {
    "order": (REQUESTED, lambda trip, by: order(trip, approver=by, now=NOON)),
    "return_request": (
        REQUESTED,
        lambda trip, by: return_request(trip, approver=by, reason="왜", now=NOON),
    ),
    "confirm": (RETURNED, lambda trip, by: confirm(trip, approver=by, now=NOON)),
    "send_back": (CONFIRMED, lambda trip, by: send_back(trip, actor=by, reason="왜", now=NOON)),
}


@pytest.mark.parametrize("name", ["ada", "mallory", "iris", "olga"])
@pytest.mark.parametrize("verb", DECISIONS)
def test_nobody_but_the_approver_decides(
    verb: str, name: str, stages: Stages, request: pytest.FixtureRequest
) -> None:
    state, deed = DECISIONS[verb]
    trip, somebody = stages[state](), request.getfixturevalue(name)
    before = rows()

    with pytest.raises(NotYours):
        deed(trip, somebody)
    assert rows() == before


@pytest.mark.parametrize("verb", DECISIONS)
def test_a_traveller_who_may_approve_does_not_decide_on_their_own(
    verb: str, stages: Stages, ada: Person
) -> None:
    state, deed = DECISIONS[verb]
    trip = stages[state]()
    Grant.objects.create(person=ada, role="approver", since=NOON - timedelta(days=1))

    with pytest.raises(NotYours):
        deed(trip, ada)


@pytest.mark.parametrize("verb", DECISIONS)
def test_an_approver_whose_time_is_over_decides_nothing(
    verb: str, stages: Stages, bora: Person
) -> None:
    state, deed = DECISIONS[verb]
    trip = stages[state]()
    Grant.objects.filter(person=bora, role="approver").update(until=NOON - timedelta(hours=1))

    with pytest.raises(NotYours):
        deed(trip, Person.objects.get(pk=bora.pk))


def test_the_api_finds_no_trip_of_ones_own_to_decide_on(stages: Stages, phone: Phone) -> None:
    trip = stages[REQUESTED]()
    body = {"decision": "approve", "step": 1}

    answer = phone.api.post(f"/api/v1/trips/{trip.uid}/approvals", body, format="json")
    assert answer.status_code == 404


def test_a_clerk_may_send_back_what_is_confirmed(stages: Stages, felix: Person) -> None:
    trip = send_back(stages[CONFIRMED](), actor=felix, reason="영수증이 없습니다", now=NOON)

    assert trip.state == RETURNED
    assert trip.decisions.get(step=2, decision="return").by == felix


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
@pytest.mark.parametrize("verb", ["return_request", "send_back", "void", "correct", "add_item"])
def test_these_need_a_reason(
    verb: str, reason: str, stages: Stages, bora: Person, felix: Person, ada: Person
) -> None:
    deeds: dict[str, Callable[[], Any]] = {
        "return_request": lambda: return_request(
            stages[REQUESTED](), approver=bora, reason=reason, now=NOON
        ),
        "send_back": lambda: send_back(stages[CONFIRMED](), actor=bora, reason=reason, now=NOON),
        "void": lambda: void(
            said_to_be_none(stages[TRAVELLING]()), clerk=felix, reason=reason, now=NOON
        ),
        "correct": lambda: correct(
            stages[TRAVELLING](), person=ada, what="time", value="", reason=reason, now=NOON
        ),
        "add_item": lambda: add_item(stages[TRAVELLING](), person=ada, text=reason, now=NOON),
    }

    with pytest.raises(MoveRefused):
        deeds[verb]()
    assert not Trip.objects.filter(state=VOIDED).exists()
