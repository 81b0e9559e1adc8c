"""How often the database is asked: a touch has its budget, a list asks no more as it grows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Person, Place
from tests.clock import Clock
from tests.conftest import NOON, phone_of, plan_of
from tests.trips.touches import Phone
from trips.deciding import put_decision
from trips.envelope import Envelope
from trips.models import Companion, Trip
from trips.services.add_item import add_item
from trips.services.check_in import check_in
from trips.services.correct import correct
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for

# PostgreSQL writes in one statement what SQLite writes in seven.
TOUCH = {"postgresql": 8, "sqlite": 14}
# A page also counts what its reader has not read yet.
LIST = 9
# List and badge of an approver ask whose hands are theirs; the list, what was just pressed.
APPROVALS = LIST + 3
# The page of one trip is no list: it tells fifteen tables, each asked once, and counts messages.
STORY = 16
_UNCOUNTED = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK", "SET ", "PRAGMA")


def counted(captured: CaptureQueriesContext) -> list[str]:
    """As performance.md counts: without session, person and transaction statements."""
    said = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in said if not sql.startswith(_UNCOUNTED) and not about_the_session(sql)]


def about_the_session(sql: str) -> bool:
    person = sql.startswith('SELECT "accounts_person"') and sql.endswith("LIMIT 1")
    return person or '"django_session"' in sql


def in_short(statements: list[str]) -> str:
    return "\n".join(f"{sql[:70]} … {sql[-120:]}" for sql in statements)


def envelope_of(phone: Phone, trip: Trip | None, kind: str) -> Envelope:
    sent = phone.envelope(trip, kind=kind)
    return Envelope.read(UUID(sent["id"]), sent["record"], sent["proof"])


@pytest.mark.parametrize("earlier", [[], ["arrive"], ["arrive", "stop", "return"]])
@pytest.mark.parametrize("kind", ["arrive", "stop", "return"])
def test_a_touch_keeps_within_its_budget(
    kind: str, earlier: list[str], phone: Phone, trip: Trip, clock: Clock
) -> None:
    for before in earlier:
        phone.touch(trip, before)
        clock.later(minutes=10)
    envelope = envelope_of(phone, trip, kind)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        check_in(phone.person, envelope=envelope, now=clock())

    assert len(counted(captured)) <= TOUCH[connection.vendor], in_short(counted(captured))


def test_a_touch_sent_again_asks_almost_nothing(phone: Phone, trip: Trip, clock: Clock) -> None:
    envelope = envelope_of(phone, trip, "arrive")
    check_in(phone.person, envelope=envelope, now=NOON)

    with CaptureQueriesContext(connection) as captured:
        check_in(phone.person, envelope=envelope, now=NOON)

    # Its challenge, which is used, and then its name.
    assert len(counted(captured)) == 2


# --- pages --------------------------------------------------------------------------------

Fill = Callable[[int], None]


@pytest.fixture
def filled(phone: Phone, bora: Person, felix: Person, site: Place) -> Fill:
    """So many trips of ada's round about noon, every one with stops, company and touches."""

    def fill(count: int) -> None:
        for number in range(count):
            starts_at = NOON - timedelta(minutes=number)
            plan = plan_of(bora, site, starts_at=starts_at, companions=(felix,))
            trip = ask_for(draft(traveller=phone.person, plan=plan, now=NOON), now=NOON)
            order(trip, approver=bora, now=NOON)
            for kind in ("arrive", "return"):
                body = envelope_of(phone, trip, kind)
                check_in(phone.person, envelope=body, now=NOON)
            cache.clear()  # how often a phone may ask is not what is counted here

    return fill


LISTS = {
    "today": ("ada", "/"),
    "trips": ("ada", "/trips/"),
    "approvals": ("bora", "/approvals/"),
    "the API's list": ("ada", "/api/v1/trips"),
    "the API's trip": ("ada", "/api/v1/trips/{uid}"),
    "the receipt": ("ada", "/trips/{uid}/receipt/"),
}


def asked(visitor: APIClient, address: str) -> list[str]:
    assert visitor.get(address).status_code == 200  # the second time nothing is new to anybody
    with CaptureQueriesContext(connection) as captured:
        assert visitor.get(address).status_code == 200
    return counted(captured)


def test_pages_ask_no_more_for_thirty_rows_than_for_one(
    filled: Fill, ada: Person, bora: Person
) -> None:
    visitors = {"ada": phone_of(ada), "bora": phone_of(bora)}
    filled(1)
    uid = Trip.objects.get().uid
    one = {page: asked(visitors[who], at.format(uid=uid)) for page, (who, at) in LISTS.items()}
    filled(29)
    thirty = {page: asked(visitors[who], at.format(uid=uid)) for page, (who, at) in LISTS.items()}

    for page in LISTS:
        assert len(thirty[page]) == len(one[page]), difference(one[page], thirty[page])
        most = {"approvals": APPROVALS}.get(page, LIST)
        assert len(thirty[page]) <= most, in_short(thirty[page])


def test_the_page_of_a_trip_asks_no_more_for_a_long_story_than_for_a_short_one(
    phone: Phone, trip: Trip, felix: Person, mallory: Person, clock: Clock
) -> None:
    here = f"/trips/{trip.uid}/"
    live(phone, trip, felix)
    short = asked(phone.api, here)
    live(phone, trip, mallory)
    long = asked(phone.api, here)

    assert len(long) == len(short), difference(short, long)
    assert len(long) <= STORY, in_short(long)


@pytest.mark.parametrize("name", ["slip", "sheet", "trip"])
def test_a_paper_asks_no_more_for_many_touches_than_for_one(
    name: str, phone: Phone, trip: Trip, felix: Person, mallory: Person, clock: Clock
) -> None:
    here = f"/trips/{trip.uid}/print/?paper={name}"
    live(phone, trip, felix)
    short = asked(phone.api, here)
    live(phone, trip, mallory)
    long = asked(phone.api, here)

    assert len(long) == len(short), difference(short, long)
    assert len(long) <= LIST, in_short(long)


def live(phone: Phone, trip: Trip, companion: Person) -> None:
    """One more of everything that a trip can have."""
    Companion.objects.create(trip=trip, person=companion)
    phone.touch(trip)
    add_item(trip, person=phone.person, text="문이 잠겨 있었습니다.", now=NOON)
    correct(trip, person=phone.person, what="time", value="18:00", reason="늦음", now=NOON)
    put_decision(trip, by=phone.person, step=2, decision="return", note="왜", now=NOON)


def difference(one: list[str], other: list[str]) -> str:
    return in_short([sql for sql in other if sql not in one])


def test_a_long_list_is_walked_page_by_page_without_a_gap(
    phone: Phone, bora: Person, site: Place
) -> None:
    for number in range(30):
        starts_at = NOON - timedelta(days=number // 3)
        plan = plan_of(bora, site, starts_at=starts_at)
        draft(traveller=phone.person, plan=plan, now=NOON)
    seen: list[Any] = []
    after = ""
    for _ in range(2):
        page = phone.api.get("/api/v1/trips", {"after": after}).json()
        seen += [trip["id"] for trip in page["trips"]]
        after = page["next"]

    assert after is None
    assert len(seen) == len(set(seen)) == 30
