"""Every move in every state, as the table of 01-model.md §3 has it: written from there by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Grant, Person, Place
from accounts.services.revoke_device import revoke_device
from attest.errors import MoveRefused, NotYours
from tests.clock import Clock
from tests.conftest import NOON, phone_of, plan_of
from tests.trips.log import leaves, line_of, rows, types
from tests.trips.stages import Stages, said_to_be_none
from tests.trips.touches import Phone
from trips.models import MOVES, Correction, State, Trip
from trips.services.add_item import add_item
from trips.services.cancel import cancel
from trips.services.confirm import confirm
from trips.services.correct import correct
from trips.services.decide_correction import decide_correction
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


def outcome(deed: Callable[[Trip], Any], trip: Trip) -> str:
    """The code of its refusal, if there is one."""
    try:
        deed(trip)
    except MoveRefused as refused:
        return refused.code
    return ""


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


# --- confirming ----------------------------------------------------------------------------


@pytest.mark.parametrize("touches", [[], ["arrive"]])
def test_a_trip_that_is_neither_back_nor_over_is_not_confirmed(
    touches: list[str], phone: Phone, trip: Trip, bora: Person
) -> None:
    for kind in touches:
        phone.touch(trip, kind)

    with pytest.raises(MoveRefused):
        confirm(trip, approver=bora, now=trip.ends_at - timedelta(seconds=1))
    assert confirm(trip, approver=bora, now=trip.ends_at).state == CONFIRMED


def test_a_trip_that_is_back_early_is_confirmed_early(
    phone: Phone, trip: Trip, bora: Person
) -> None:
    phone.touch(trip)
    phone.touch(trip, "return")

    assert confirm(trip, approver=bora, now=NOON).state == CONFIRMED


def test_an_open_correction_stands_before_the_confirmation(
    stages: Stages, bora: Person, ada: Person
) -> None:
    trip = stages[RETURNED]()
    asked = correct(trip, person=ada, what="return", value="18:00", reason="전화 꺼짐", now=NOON)

    with pytest.raises(MoveRefused):
        confirm(trip, approver=bora, now=NOON)
    Correction.objects.filter(pk=asked.pk).update(state=Correction.State.DECLINED)
    assert confirm(trip, approver=bora, now=NOON).state == CONFIRMED


def test_a_trip_without_order_gets_a_late_one_when_it_is_confirmed(
    phone: Phone, bora: Person, clock: Clock
) -> None:
    touch = phone.touched(None)
    phone.touch(touch.trip, "return")
    trip = confirm(touch.trip, approver=bora, now=clock.later(hours=3))

    assert trip.state == CONFIRMED
    assert trip.order_number
    assert trip.approved_at is not None
    assert trip.approved_at > trip.starts_at
    assert [leaf["t"] for leaf in line_of(trip.log_id)] == [
        *("trip-open", "checkin", "checkin", "approval"),
    ]


def test_an_order_before_the_start_keeps_its_time(stages: Stages, bora: Person) -> None:
    trip = stages[RETURNED]()
    ordered_at = trip.approved_at

    assert confirm(trip, approver=bora, now=NOON).approved_at == ordered_at


# --- calling off -----------------------------------------------------------------------------


def test_a_trip_with_a_touch_that_stands_is_not_cancelled(
    phone: Phone, trip: Trip, ada: Person, clock: Clock
) -> None:
    touch = phone.touched(trip)
    Trip.objects.filter(pk=trip.pk).update(state=APPROVED)

    with pytest.raises(MoveRefused):
        cancel(trip, actor=ada, reason="", now=NOON)
    phone.take_back(touch)
    assert cancel(trip, actor=ada, reason="", now=NOON).state == CANCELLED


def test_its_approver_may_cancel_it_too(trip: Trip, bora: Person) -> None:
    assert cancel(trip, actor=bora, reason="중복", now=NOON).state == CANCELLED


@pytest.mark.parametrize("name", ["felix", "iris", "olga", "mallory"])
def test_nobody_else_cancels_it(name: str, trip: Trip, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotYours):
        cancel(trip, actor=request.getfixturevalue(name), reason="", now=NOON)


def test_no_clerk_voids_a_trip_without_the_travellers_yes(stages: Stages, felix: Person) -> None:
    trip = stages[TRAVELLING]()
    before = rows()

    with pytest.raises(MoveRefused):
        void(trip, clerk=felix, reason="아님", now=NOON)
    assert rows() == before


@pytest.mark.parametrize(
    ("answer", "voided"), [("accepted", ""), ("declined", "trip.move-refused")]
)
def test_what_the_approver_said_to_the_yes_counts(
    answer: str, voided: str, stages: Stages, deeds: Deeds, bora: Person
) -> None:
    trip = said_to_be_none(stages[TRAVELLING]())
    asked = trip.corrections.get()
    decide_correction(asked, approver=bora, decision=answer, note="봤습니다", now=NOON)

    assert outcome(deeds["void"], trip) == voided


def test_one_yes_voids_one_trip(stages: Stages, felix: Person) -> None:
    trip = said_to_be_none(stages[TRAVELLING]())
    void(trip, clerk=felix, reason="아님", now=NOON)

    assert trip.corrections.get().state == Correction.State.ACCEPTED


def test_a_clerk_does_not_void_their_own_trip(felix: Person, bora: Person, site: Place) -> None:
    theirs = Phone.of(felix)
    trip = theirs.touched(None).trip
    said_to_be_none(trip)

    with pytest.raises(NotYours):
        void(trip, clerk=felix, reason="아님", now=NOON)


# --- adding to it -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bora", "felix", "mallory"])
def test_only_the_traveller_adds_and_corrects(
    name: str, trip: Trip, request: pytest.FixtureRequest
) -> None:
    somebody = request.getfixturevalue(name)
    before = rows()

    with pytest.raises(NotYours):
        add_item(trip, person=somebody, text="거기 있었습니다", now=NOON)
    with pytest.raises(NotYours):
        correct(trip, person=somebody, what="time", value="", reason="왜", now=NOON)
    assert rows() == before


def test_the_line_of_a_trip_is_a_chain_without_a_gap(stages: Stages) -> None:
    line = line_of(stages[CONFIRMED]().log_id)

    assert [leaf["n"] for leaf in line] == list(range(len(line)))
    assert [leaf["t"] for leaf in line] == [
        *("trip-open", "approval", "checkin", "checkin", "approval"),
    ]


# --- over the API, as the pages and programs do it -----------------------------------------------


def test_a_trip_goes_its_whole_way_over_the_api(
    phone: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    desk = phone_of(bora)
    body = {
        "purpose": "도로 점검",
        "starts_at": "2026-11-23T12:00:00+09:00",
        "ends_at": "2026-11-23T16:30:00+09:00",
        "vehicle": "transit",
        "approver": str(bora.uid),
        "stops": [{"place": str(site.uid), "one_way_m": 6_200}],
    }
    made = phone.api.post("/api/v1/trips", body, format="json").json()
    here = f"/api/v1/trips/{made['id']}"
    said = [
        made,
        phone.api.patch(here, {"purpose": "교량 점검"}, format="json").json(),
        phone.api.post(f"{here}/request").json(),
        desk.post(f"{here}/approvals", {"decision": "approve", "step": 1}, format="json").json(),
    ]
    trip = Trip.objects.get(uid=made["id"])
    phone.touch(trip)
    clock.later(hours=4)
    phone.touch(trip, "return")
    yes = {"decision": "approve", "step": 2}
    said.append(desk.post(f"{here}/approvals", yes, format="json").json())

    assert [answer["state"] for answer in said] == [
        *("draft", "draft", "requested", "approved", "confirmed"),
    ]
    assert said[-1]["purpose"] == "교량 점검"
    assert said[-1]["expected"]["total"]
    assert [touch["kind"] for touch in said[-1]["check_ins"]] == ["arrive", "return"]


@pytest.mark.parametrize(("step", "state"), [(1, REQUESTED), (2, CONFIRMED)])
def test_giving_back_over_the_api_needs_a_note(
    step: int, state: State, stages: Stages, bora: Person
) -> None:
    trip, desk = stages[state](), phone_of(bora)
    here = f"/api/v1/trips/{trip.uid}/approvals"
    body: dict[str, Any] = {"decision": "return", "step": step}

    assert desk.post(here, body, format="json").status_code == 409
    assert desk.post(here, body | {"note": "왜"}, format="json").status_code == 200


def test_a_revoked_phone_does_not_keep_a_trip_from_being_confirmed(
    stages: Stages, phone: Phone, bora: Person
) -> None:
    trip = stages[RETURNED]()
    revoke_device(phone.key.device, by=phone.person, now=NOON)

    assert confirm(trip, approver=bora, now=NOON).state == CONFIRMED
