"""The traveller's pages: which trip is meant, which act comes next, and every form once."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from accounts.models import Person, Place
from attest.values import KST
from tests.clock import Clock
from tests.conftest import NOON, phone_of, plan_of
from tests.trips.stages import Stages
from tests.trips.touches import Phone
from trips.models import Kind, State, Trip
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for


@pytest.fixture
def ordered(ada: Person, bora: Person, site: Place) -> Any:
    """An ordered trip of ada's that begins so many hours from noon."""

    def make(hours: float, **said: Any) -> Trip:
        starts_at = NOON + timedelta(hours=hours)
        trip = draft(traveller=ada, plan=plan_of(bora, site, starts_at=starts_at, **said), now=NOON)
        return order(ask_for(trip, now=NOON), approver=bora, now=NOON)

    return make


def today(phone: Phone, address: str = "/") -> Any:
    answer = phone.api.get(address)
    assert answer.status_code == 200
    return answer.context


# --- today -----------------------------------------------------------------------------


def test_without_a_trip_today_a_touch_without_order_is_offered(phone: Phone) -> None:
    page = today(phone)

    assert page["shown"] is None
    assert page["kind"] == Kind.ARRIVE


def test_the_trip_under_way_comes_before_all_others(phone: Phone, ordered: Any) -> None:
    soon, under_way = ordered(1), ordered(-3)
    phone.touch(under_way)
    page = today(phone)

    assert page["shown"].trip == under_way
    assert page["others"] == [soon]


def test_the_trip_of_the_next_two_hours_comes_before_that_of_the_evening(
    phone: Phone, ordered: Any
) -> None:
    evening, soon = ordered(7), ordered(2)

    assert [trip.pk for trip in near(today(phone))] == [soon.pk, evening.pk]


def test_what_is_back_comes_last(phone: Phone, ordered: Any) -> None:
    back, evening = ordered(-2), ordered(7)
    phone.touch(back)
    phone.touch(back, "return")

    assert [trip.pk for trip in near(today(phone))] == [evening.pk, back.pk]


def near(page: Any) -> list[Trip]:
    return [page["shown"].trip, *page["others"]]


def test_the_address_chooses_another_trip_or_none(phone: Phone, ordered: Any) -> None:
    first, second = ordered(0), ordered(5)

    assert today(phone)["shown"].trip == first
    assert today(phone, f"/?trip={second.uid}")["shown"].trip == second
    assert today(phone, "/?trip=none")["shown"] is None
    assert phone.api.get("/?trip=x").status_code == 404


def test_the_act_names_itself(phone: Phone, trip: Trip, clock: Clock) -> None:
    acts = [today(phone)["kind"]]
    for kind in ("arrive", "return"):
        phone.touch(trip, kind)
        acts.append(today(phone)["kind"])

    assert acts == [Kind.ARRIVE, Kind.RETURN, None]


def test_a_forgotten_return_is_asked_about(phone: Phone, trip: Trip, clock: Clock) -> None:
    phone.touch(trip)
    clock.later(hours=6)

    assert today(phone)["missed"] == trip


def test_a_forgotten_return_takes_two_taps(phone: Phone, trip: Trip, clock: Clock) -> None:
    phone.touch(trip)
    clock.later(hours=20)
    phone.sign_in()
    card = phone.api.get("/").content.decode()
    (first,) = re.findall(r'href="(/trips/[^"]+at=planned)"', card)
    said = phone.api.get(unescape(first)).context["form"].initial
    second = phone.api.post(f"/trips/{trip.uid}/correct/", said)

    assert second.status_code == 302
    row = trip.corrections.get()
    assert (row.what, row.value) == ("return", trip.ends_at.astimezone(KST).strftime("%H:%M"))


def test_the_day_stands_beside_a_return_of_another_day(
    phone: Phone, ordered: Any, clock: Clock
) -> None:
    trip = ordered(-2, ends_at=NOON + timedelta(hours=20))
    phone.touch(trip)
    page = phone.api.get(f"/trips/{trip.uid}/correct/?what=return&at=planned")

    assert page.context["form"].initial["value"] == "11월 24일(화) 08:00"


def test_every_drawing_of_the_page_names_another_touch(phone: Phone) -> None:
    assert today(phone)["touch"]["id"] != today(phone)["touch"]["id"]


def test_the_page_knows_her_passkeys_and_what_she_agreed_to(phone: Phone) -> None:
    touch = today(phone)["touch"]

    assert touch["credentials"] == phone.key.sign(bytes(32))["credential_id"]
    assert touch["consent"] == "given"


@pytest.mark.parametrize(("name", "room"), [("iris", "/audit/trips/"), ("olga", "/manage/people/")])
def test_who_does_not_travel_is_led_to_the_room_of_their_duty(
    name: str, room: str, clock: Clock, request: pytest.FixtureRequest
) -> None:
    answer = phone_of(request.getfixturevalue(name)).get("/")

    assert answer.status_code == 302
    assert answer["Location"] == room


# --- the receipt --------------------------------------------------------------------------


def test_the_receipt_shows_the_newest_touch_or_the_one_that_is_named(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    first = phone.touched(trip)
    clock.later(minutes=1)
    second = phone.touched(trip, "return")
    here = f"/trips/{trip.uid}/receipt/"

    newest = phone.api.get(here).context
    named = phone.api.get(f"{here}?touch={first.uid}").context
    assert (newest["touch"], newest["earlier"], newest["later"]) == (second, first, None)
    assert (named["touch"], named["later"]) == (first, second)
    assert (newest["undo"], named["undo"]) == (True, False)


def test_what_is_no_evidence_has_no_code_on_its_receipt(phone: Phone, trip: Trip) -> None:
    asked = phone.ask(trip)
    phone.touch(trip, asked=asked)
    phone.touch(trip, asked=asked)
    page = phone.api.get(f"/trips/{trip.uid}/receipt/")

    assert page.context["verdict"] == "INVALID"
    assert page.context["code"] == ""


def test_a_trip_without_a_touch_has_no_receipt(phone: Phone, trip: Trip) -> None:
    answer = phone.api.get(f"/trips/{trip.uid}/receipt/")

    assert (answer.status_code, answer["Location"]) == (302, f"/trips/{trip.uid}/")


def test_the_undo_of_a_page_without_script_takes_back(phone: Phone, trip: Trip) -> None:
    touch = phone.touched(trip)

    assert phone.api.post(f"/touches/{touch.uid}/take-back/").status_code == 302
    touch.refresh_from_db()
    assert touch.withdrawn_at == NOON


# --- writing a trip ------------------------------------------------------------------------


def form_of(approver: Person, /, **said: Any) -> dict[str, Any]:
    form = {
        "day": "2026-11-24",
        "starts": "09:00",
        "ends": "12:00",
        "place": "시험구청",
        "purpose": "도로 점검",
        "vehicle": "transit",
        "one_way_km": "6.2",
        "approver": approver.pk,
    }
    return form | said


def written(phone: Phone, form: dict[str, Any], address: str = "/trips/new/") -> Any:
    return phone.api.post(address, form, format=None)


@pytest.mark.parametrize(("then", "state"), [("", State.DRAFT), ("request", State.REQUESTED)])
def test_a_page_writes_a_trip_and_asks_for_it_if_told_to(
    then: str, state: State, phone: Phone, bora: Person, site: Place
) -> None:
    answer = written(phone, form_of(bora, then=then))

    trip = Trip.objects.get()
    assert answer.status_code == 302
    assert (trip.state, trip.purpose, trip.traveller) == (state, "도로 점검", phone.person)
    assert trip.starts_at.isoformat() == "2026-11-24T00:00:00+00:00"
    assert trip.stops.get().place == site
    assert trip.distances.get().one_way_m == 6_200


WRONG = {
    "no place": {"place": ""},
    "somewhere": {"place": "관내"},
    "no unit": {"place": "본관 2층"},
    "an end before the beginning": {"ends": "08:00"},
    "a last day before the first": {"last_day": "2026-11-23"},
    "the year 1": {"day": "0001-01-01"},
    "a day that is none": {"day": "x"},
    "a distance below nothing": {"one_way_km": "-1"},
    "a distance of NaN": {"one_way_km": "NaN"},
    "a vehicle nobody has": {"vehicle": "broom"},
    "nobody to approve": {"approver": ""},
    "a purpose of 201 letters": {"purpose": "가" * 201},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_page_that_is_filled_in_wrongly_comes_back(
    wrong: dict[str, str], phone: Phone, bora: Person, site: Place
) -> None:
    answer = written(phone, form_of(bora, **wrong))

    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert not Trip.objects.exists()


def test_she_cannot_name_herself_as_approver(phone: Phone, bora: Person, site: Place) -> None:
    assert written(phone, form_of(phone.person)).status_code == 400


def test_a_draft_is_rewritten_on_its_page_and_nothing_else_is(
    phone: Phone, bora: Person, stages: Stages
) -> None:
    own, gone = stages[State.DRAFT](), stages[State.REQUESTED]()

    form = form_of(bora, purpose="교량 점검")
    assert written(phone, form, f"/trips/{own.uid}/edit/").status_code == 302
    assert written(phone, form, f"/trips/{gone.uid}/edit/").status_code == 404
    own.refresh_from_db()
    assert own.purpose == "교량 점검"


def test_the_same_trip_once_more_takes_its_words_for_today(phone: Phone, trip: Trip) -> None:
    form = phone.api.get(f"/trips/new/?copy={trip.uid}").context["form"]

    assert form.initial["purpose"] == trip.purpose
    assert form.initial["day"].isoformat() == "2026-11-23"
    assert phone.api.get("/trips/new/?copy=x").status_code == 404


# --- one trip, and the approver's desk --------------------------------------------------------


@pytest.mark.parametrize("state", State)
def test_the_page_of_a_trip_opens_in_every_state(
    state: State, phone: Phone, bora: Person, stages: Stages
) -> None:
    trip = stages[state]()
    pages = [
        phone.api.get(f"/trips/{trip.uid}/"),
        phone.api.get("/trips/"),
        phone.api.get(f"/?trip={trip.uid}"),
        phone_of(bora).get(f"/approvals/{trip.uid}/"),
        phone_of(bora).get("/approvals/"),
    ]

    assert [page.status_code for page in pages] == [200] * 5


@pytest.mark.parametrize("page", ["add", "correct"])
def test_what_is_added_to_a_draft_is_refused_in_words(
    page: str, phone: Phone, stages: Stages
) -> None:
    draft = stages[State.DRAFT]()
    form = {"text": "문이 잠겨 있었습니다.", "what": "time", "reason": "늦음"}

    answer = phone.api.post(f"/trips/{draft.uid}/{page}/", form, format=None)
    assert answer.status_code == 409


def test_a_statement_is_told_in_the_story(phone: Phone, trip: Trip) -> None:
    words = "문이 잠겨 있어 옆 건물에서 기다렸습니다."
    phone.api.post(f"/trips/{trip.uid}/add/", {"text": words}, format=None)

    assert words in phone.api.get(f"/trips/{trip.uid}/").content.decode()


def test_the_approver_orders_and_confirms_on_the_page(
    stages: Stages, phone: Phone, bora: Person
) -> None:
    trip, desk = stages[State.REQUESTED](), phone_of(bora)
    here = f"/approvals/{trip.uid}/"

    assert desk.post(here, {"approve": "1"}, format=None).status_code == 302
    phone.touch(trip)
    phone.touch(trip, "return")
    assert desk.post(here, {"approve": "1", "read": "1"}, format=None).status_code == 302
    trip.refresh_from_db()
    assert trip.state == State.CONFIRMED


def test_giving_back_without_a_reason_asks_for_one(stages: Stages, bora: Person) -> None:
    trip = stages[State.REQUESTED]()
    answer = phone_of(bora).post(f"/approvals/{trip.uid}/", {"return": ""}, format=None)

    assert answer.status_code == 400
    trip.refresh_from_db()
    assert trip.state == State.REQUESTED


def test_a_trip_is_called_off_on_its_page(phone: Phone, trip: Trip) -> None:
    assert phone.api.post(f"/trips/{trip.uid}/cancel/").status_code == 302
    trip.refresh_from_db()
    assert trip.state == State.CANCELLED


def test_a_draft_is_laid_before_the_approver_on_its_page(phone: Phone, stages: Stages) -> None:
    draft = stages[State.DRAFT]()

    assert phone.api.post(f"/trips/{draft.uid}/request/").status_code == 302
    draft.refresh_from_db()
    assert draft.state == State.REQUESTED
