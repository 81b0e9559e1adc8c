"""Every address of this room meets a stranger, and mallory, who is signed in and owns nothing.

The tables name every route and method there is. A new one without its entry fails here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from rest_framework.test import APIClient

from accounts.models import Department, Grant, Organisation, Person, Place
from ledger.models import Access
from tests.conftest import NOON, phone_of
from tests.trips.log import rows, types
from tests.trips.touches import Phone
from trips.models import CheckIn, Trip
from trips.urls import api, web

# What mallory gets: her own (empty) lists, a plain "shape" where she may ask, 404 for what is
# ada's, 403 for what her duties do not hold.
API = {
    "trips": {"get": 200, "post": 400},
    "trips/imports": {"post": 403},
    r"^trips/imports/(?P<digest>[0-9a-f]{64})/application$": {"post": 403},
    "standing-allowances": {"get": 403, "post": 403},
    "standing-allowances/imports": {"post": 403},
    r"^standing-allowances/imports/(?P<digest>[0-9a-f]{64})/application$": {"post": 403},
    "standing-allowances/<uuid:uid>/ending": {"post": 403},
    "trips/<uuid:uid>": {"get": 404, "patch": 404},
    "trips/<uuid:uid>/request": {"post": 404},
    "trips/<uuid:uid>/approvals": {"post": 404},
    "trips/<uuid:uid>/cancellation": {"post": 404},
    "trips/<uuid:uid>/void": {"post": 404},
    "trips/<uuid:uid>/corrections": {"post": 404},
    "trips/<uuid:uid>/corrections/<uuid:correction>/decision": {"post": 404},
    "trips/<uuid:uid>/appeals": {"post": 404},
    "trips/<uuid:uid>/token": {"get": 404},
    "trips/<uuid:uid>/costs": {"post": 404},
    "trips/<uuid:uid>/items": {"post": 404},
    "trips/<uuid:uid>/papers": {"get": 404, "post": 404},
    "trips/<uuid:uid>/papers/<uuid:paper>/withdrawal": {"post": 404},
    "uploads": {"post": 400},
    "uploads/<uuid:uid>/file": {"get": 404},
    "places/search": {"post": 400},
    "units": {"get": 200},
    "receipts/search": {"post": 400},
    "check-ins": {"post": 400},
    "check-ins/batches": {"post": 400},
    "check-ins/challenges": {"post": 400},
    "check-ins/<uuid:uid>": {"get": 404},
    "check-ins/<uuid:uid>/presentation": {"post": 404},
    "check-ins/<uuid:uid>/withdrawal": {"post": 404},
    "check-ins/<uuid:uid>/photo": {"post": 404},
    "check-ins/<uuid:uid>/items": {"post": 404},
    "check-ins/<uuid:uid>/host-asks": {"get": 404, "post": 404},
    "check-ins/<uuid:uid>/log-receipt": {"get": 404},
    "check-ins/<uuid:uid>/qr.svg": {"get": 404},
    "check-ins/<uuid:uid>/qr.png": {"get": 404},
}
# Who has a screen's token or a host's ticket needs no account; without one there is nothing.
OPEN_API = {
    "site-codes/<uuid:uid>": {"get": 404},
    "host-questions": {"post": 400},
    "host-answers": {"post": 400},
}
WEB = {
    "": {"get": 200},
    "touch/": {"post": 400},
    "offline/": {"get": 200},
    "offline/outbox/": {"get": 200},
    "me/outbox/": {"get": 200},
    "me/promises/": {"get": 200},
    "me/outbox/removal/": {"get": 200},
    "trips/": {"get": 200},
    "trips/new/": {"get": 200, "post": 200},
    "trips/<uuid:uid>/": {"get": 404},
    "trips/<uuid:uid>/edit/": {"get": 404, "post": 404},
    "trips/<uuid:uid>/request/": {"post": 404},
    "trips/<uuid:uid>/cancel/": {"post": 404},
    "trips/<uuid:uid>/receipt/": {"get": 404},
    "trips/<uuid:uid>/print/": {"get": 404},
    "trips/<uuid:uid>/add/": {"get": 404, "post": 404},
    "trips/<uuid:uid>/papers/": {"post": 404},
    "trips/<uuid:uid>/papers/<uuid:paper>/withdrawal/": {"post": 404},
    "trips/<uuid:uid>/photo/": {"get": 404},
    "trips/<uuid:uid>/site-code/": {"get": 404, "post": 404},
    "trips/<uuid:uid>/host/": {"get": 404},
    "colleagues/": {"get": 200, "post": 400},
    "me/devices/shared/": {"get": 200, "post": 400},
    "manage/people/<uuid:uid>/hand-in/": {"get": 403, "post": 403},
    "manage/people/<uuid:uid>/standing/": {"get": 403, "post": 403},
    "manage/presentation/": {"get": 403, "post": 403},
    "practice/": {"get": 200},
    "touches/<uuid:uid>/present/": {"get": 404},
    "manage/sites/": {"get": 403, "post": 403},
    "manage/sites/<uuid:uid>/": {"get": 403, "post": 403},
    "trips/<uuid:uid>/costs/": {"get": 404, "post": 404},
    "trips/<uuid:uid>/correct/": {"get": 404, "post": 404},
    "touches/<uuid:uid>/take-back/": {"post": 404},
    "trips/<uuid:uid>/appeal/": {"get": 404, "post": 404},
    "appeals/": {"get": 403},
    "appeals/<uuid:uid>/": {"get": 403, "post": 403},
    "approvals/": {"get": 403, "post": 403},
    "approvals/<uuid:uid>/undo/": {"post": 403},
    "touches/<uuid:uid>/log/": {"get": 404},
    "approvals/<uuid:uid>/": {"get": 403, "post": 403},
    "manage/devices/": {"get": 403},
    "manage/devices/<uuid:uid>/": {"get": 403},
    "manage/devices/<uuid:uid>/approval/": {"post": 403},
    "manage/devices/<uuid:uid>/loss/": {"post": 403},
    "manage/imports/trips/": {"get": 403, "post": 403},
    "manage/imports/standing/": {"get": 403, "post": 403},
    "manage/weights/": {"get": 403, "post": 403},
    "manage/weights/text/": {"get": 403},
    "manage/weights/<uuid:uid>/": {"get": 403},
    "manage/weights/<uuid:uid>/trial/": {"post": 403},
    "manage/weights/<uuid:uid>/release/": {"post": 403},
    "me/consents/withdrawal/": {"get": 200, "post": 400},
}
# A scanned code leads here whoever holds the camera; what it says stays behind the #.
OPEN = {
    "V": {"get": 200},
    "v": {"get": 200},
    "host": {"get": 200},
    "t": {"get": 200},
    "site/<uuid:uid>/display/": {"get": 200},
}

NOBODYS = "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"
METHODS = ("get", "post", "put", "patch", "delete")
FORMS = {
    *("uploads", "check-ins/<uuid:uid>/photo", "trips/imports"),
    r"^trips/imports/(?P<digest>[0-9a-f]{64})/application$",
    "standing-allowances/imports",
    r"^standing-allowances/imports/(?P<digest>[0-9a-f]{64})/application$",
}


def visits(table: dict[str, dict[str, int]]) -> list[Any]:
    return [
        pytest.param(route, method, status, id=f"{method} {route}")
        for route, methods in table.items()
        for method, status in methods.items()
    ]


def routes(patterns: list[Any]) -> list[URLPattern]:
    return [pattern for pattern in patterns if isinstance(pattern, URLPattern)]


def address(route: str, touch: CheckIn) -> str:
    uid = touch.uid if route.startswith(("check-ins", "touches")) else touch.trip.uid
    digest = route.replace("(?P<digest>[0-9a-f]{64})", "0" * 64).strip("^$")
    named = digest.replace("<uuid:correction>", NOBODYS).replace("<uuid:paper>", NOBODYS)
    return "/" + named.replace("<uuid:uid>", str(uid))


@pytest.fixture
def touch(phone: Phone, trip: Trip) -> CheckIn:
    return phone.touched(trip)


def test_every_route_and_method_of_the_api_has_its_entry() -> None:
    there = {
        str(route.pattern): {
            name
            for name in METHODS
            if hasattr(route.callback.view_class, name)  # type: ignore[attr-defined]
        }
        for route in routes(api.urlpatterns)
    }

    assert there == {route: set(methods) for route, methods in (API | OPEN_API).items()}
    assert len(there) == len(api.urlpatterns)


def test_every_page_has_its_entry() -> None:
    there = [str(route.pattern) for route in routes(web.urlpatterns)]

    assert sorted(there) == sorted([*WEB, *OPEN])
    assert len(there) == len(web.urlpatterns)


@pytest.mark.parametrize("route", [*WEB, *OPEN])
def test_a_page_answers_to_the_methods_of_its_entry_alone(
    route: str, touch: CheckIn, mallory: Person
) -> None:
    door = Client()
    door.force_login(mallory, backend="accounts.backends.NumberBackend")
    said = {name: getattr(door, name)(address(route, touch)).status_code for name in METHODS}

    assert {name for name in METHODS if said[name] != 405} == set((WEB | OPEN)[route])


@pytest.mark.parametrize(("route", "method", "status"), visits(API))
def test_a_stranger_is_asked_to_sign_in(
    route: str, method: str, status: int, touch: CheckIn
) -> None:
    before = rows()

    answer = getattr(APIClient(), method)(f"/api/v1{address(route, touch)}")

    assert answer.status_code == 401
    assert answer.json()["code"] == "session.over"
    assert rows() == before


@pytest.mark.parametrize(("route", "method", "status"), visits(WEB))
def test_a_stranger_is_led_to_the_door(
    route: str, method: str, status: int, touch: CheckIn
) -> None:
    here, before = address(route, touch), rows()

    answer = getattr(Client(), method)(here)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=")
    assert rows() == before


@pytest.mark.parametrize(("route", "method", "status"), visits(OPEN))
def test_a_strangers_camera_is_told_what_this_is(
    route: str, method: str, status: int, touch: CheckIn
) -> None:
    before = rows()

    answer = getattr(Client(), method)(address(route, touch))

    assert answer.status_code == status
    assert answer["Referrer-Policy"] == "no-referrer"
    assert rows() == before
    assert_says_nothing_of(touch, answer.content.decode())


@pytest.mark.parametrize(("route", "method", "status"), visits(OPEN_API))
@pytest.mark.parametrize("who", ["stranger", "mallory"])
def test_without_token_or_ticket_an_open_door_holds_nothing(
    who: str, route: str, method: str, status: int, touch: CheckIn, mallory: Person
) -> None:
    visitor = phone_of(mallory) if who == "mallory" else APIClient()
    before = rows()

    answer = getattr(visitor, method)(f"/api/v1{address(route, touch)}", {}, format="json")

    assert answer.status_code == status
    assert rows() == before
    assert_says_nothing_of(touch, answer.content.decode())


@pytest.mark.parametrize(("route", "method", "status"), visits(API))
def test_mallory_finds_nothing_of_adas_over_the_api(
    route: str, method: str, status: int, touch: CheckIn, mallory: Person
) -> None:
    kind = {True: "multipart", False: "json"}[route in FORMS]
    visitor, before = phone_of(mallory), rows()

    answer = getattr(visitor, method)(f"/api/v1{address(route, touch)}", {}, format=kind)

    assert answer.status_code == status
    assert rows() == before
    assert_says_nothing_of(touch, answer.content.decode())


@pytest.mark.parametrize(("route", "method", "status"), visits(WEB))
def test_mallory_finds_nothing_of_adas_on_the_pages(
    route: str, method: str, status: int, touch: CheckIn, mallory: Person
) -> None:
    door = Client()
    door.force_login(mallory, backend="accounts.backends.NumberBackend")
    before = rows()

    answer = getattr(door, method)(address(route, touch))

    assert answer.status_code == status
    assert rows() == before
    assert_says_nothing_of(touch, answer.content.decode())


def assert_says_nothing_of(touch: CheckIn, text: str) -> None:
    trip = touch.trip
    for secret in (trip.number, trip.purpose, touch.spoken, touch.place_words):
        assert secret not in text


@pytest.fixture
def otto(db: None) -> Person:
    """Clerk, auditor, approver and administrator: of another office."""
    hall = Organisation.objects.create(name="다른시청", rule_set="kr-changwon")
    home = Place.objects.create(organisation=hall, name="다른시청 본관", unit="11000")
    office = Department.objects.create(organisation=hall, name="감사과")
    otto = Person(organisation=hall, department=office, workplace=home, name="otto")
    otto.put_number("T-otto")
    otto.set_unusable_password()
    otto.save()
    for role in ("traveller", "approver", "clerk", "administrator"):
        Grant.objects.create(person=otto, role=role, since=NOON.replace(month=10))
    return otto


@pytest.mark.parametrize(
    "route", [route for route in API if "<uuid:uid>" in route], ids=lambda route: route
)
def test_every_duty_in_another_office_opens_nothing_here(
    route: str, touch: CheckIn, otto: Person
) -> None:
    visitor, here, before = phone_of(otto), f"/api/v1{address(route, touch)}", rows()
    bodies = {
        "get": {},
        "patch": {"purpose": "x"},
        "post": {"decision": "approve", "step": 2, "reason": "x", "what": "time"},
    }

    for method in API[route]:
        answer = getattr(visitor, method)(here, bodies[method], format="json")
        assert answer.status_code == 404
    assert rows() == before


def test_a_place_of_another_office_is_not_there(touch: CheckIn, otto: Person) -> None:
    found = phone_of(otto).post("/api/v1/places/search", {"words": "시험"}, format="json").json()

    assert found["places"] == []


@pytest.mark.parametrize(("name", "seen"), [("felix", 200), ("iris", 200), ("bora", 200)])
def test_whoever_looks_by_duty_stands_in_adas_diary(
    name: str, seen: int, touch: CheckIn, request: pytest.FixtureRequest
) -> None:
    reader = request.getfixturevalue(name)
    before = len(types())

    answer = phone_of(reader).get(f"/api/v1/trips/{touch.trip.uid}")

    look = Access.objects.get()
    assert answer.status_code == seen
    assert (look.actor, look.subjects.get().person) == (reader, touch.trip.traveller)
    assert types(before) == ["access"]


def test_ones_own_trip_is_read_without_a_diary(phone: Phone, touch: CheckIn) -> None:
    assert phone.api.get(f"/api/v1/trips/{touch.trip.uid}").status_code == 200
    assert not Access.objects.exists()


@pytest.mark.parametrize(
    ("route", "status"),
    [("cancellation", 403), ("void", 409), ("request", 404), ("items", 404), ("approvals", 404)],
)
def test_a_clerk_sees_the_trip_and_may_not_do_the_deeds_of_others(
    route: str, status: int, touch: CheckIn, felix: Person
) -> None:
    desk = phone_of(felix)
    body, before = {"reason": "아님", "decision": "approve", "step": 2}, rows()

    answer = desk.post(f"/api/v1/trips/{touch.trip.uid}/{route}", body, format="json")

    assert answer.status_code == status
    assert rows() == before


def test_an_auditor_voids_nothing(touch: CheckIn, iris: Person) -> None:
    body = {"reason": "아님"}

    answer = phone_of(iris).post(f"/api/v1/trips/{touch.trip.uid}/void", body, format="json")
    assert answer.status_code == 403


def test_an_item_is_not_hung_on_the_touch_of_another_trip(
    phone: Phone, touch: CheckIn, mallory: Person
) -> None:
    theirs = Phone.of(mallory).touched(None)
    body = {"kind": "statement", "text": "문이 잠겨 있었습니다.", "check_in": str(theirs.uid)}

    answer = phone.api.post(f"/api/v1/trips/{touch.trip.uid}/items", body, format="json")
    assert answer.status_code == 404


@pytest.mark.parametrize(("act", "most"), [("touch", 10), ("ask", 12)])
def test_a_flood_of_one_phone_is_told_to_wait_and_leaves_nothing(
    act: str, most: int, phone: Phone, trip: Trip
) -> None:
    envelope = phone.envelope(trip)
    deeds: dict[str, Callable[[], Any]] = {
        "touch": lambda: phone.send(envelope),
        "ask": lambda: phone.api.post(
            "/api/v1/check-ins/challenges", {"trip": str(trip.uid)}, format="json"
        ),
    }
    spent = {"touch": 0, "ask": 1}[act]  # the envelope took one challenge
    for _ in range(most - spent):
        assert deeds[act]().status_code in {200, 201}
    before = rows()

    answer = deeds[act]()

    assert answer.status_code == 429
    assert answer.json()["code"] == "rate.limit"
    assert int(answer["Retry-After"]) >= 1
    assert rows() == before
