"""A paper beside a trip: it counts within the trip's time, once, and for one trip alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person, Place
from ledger.models import AccessSubject
from tests.clock import Clock
from tests.conftest import NOON, phone_of, plan_of
from tests.trips.files import UPLOADS, file_of, sent, slip
from tests.trips.log import line_of
from tests.trips.stages import Stages
from tests.trips.test_words import said_in_last_leaf
from tests.trips.touches import Phone, codes, without_position
from trips.models import Assessment, CheckIn, Paper, State, Trip, Upload
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request as ask_for

PAPER = {"kind": "card", "amount": 12_000, "number": ""}


def put(phone: Phone, trip: Trip, content: bytes, *, at: Any = NOON, **said: Any) -> Any:
    body = PAPER | {"upload": sent(phone.api, content), "at": str(at)} | said
    return phone.api.post(f"/api/v1/trips/{trip.uid}/papers", body, format="json")


def taken(phone: Phone, trip: Trip, content: bytes, **said: Any) -> Paper:
    answer = put(phone, trip, content, **said)
    assert answer.status_code == 201, answer.content
    return Paper.objects.get(uid=answer.json()["id"])


def newest(touch: CheckIn) -> Assessment:
    return touch.assessments.order_by("-pk")[0]


def support(touch: CheckIn) -> dict[str, int]:
    return {r["code"]: r["points"] for r in newest(touch).reasons if r["kind"] == "support"}


@pytest.fixture
def arrival(phone: Phone, trip: Trip) -> CheckIn:
    """Recorded without a position: one more thing would do."""
    return phone.touched(trip, **without_position("refused"))


@pytest.fixture
def next_trip(phone: Phone, bora: Person, site: Place) -> Trip:
    """Another one of ada's, at the same time."""
    asked = ask_for(draft(traveller=phone.person, plan=plan_of(bora, site), now=NOON), now=NOON)
    return order(asked, approver=bora, now=NOON)


def test_two_papers_are_enough_where_no_position_was_given(
    phone: Phone, trip: Trip, arrival: CheckIn
) -> None:
    assert newest(arrival).verdict == "SUPPLEMENT"
    before = newest(arrival).support

    first = taken(phone, trip, slip(1))
    assert newest(arrival).support == before + 20
    second = taken(phone, trip, slip(2), at=NOON + timedelta(hours=1))

    assert (first.check_in, second.check_in) == (arrival, arrival)
    assert support(arrival)["paper.receipts"] == 30
    assert newest(arrival).verdict == "SUFFICIENT"
    assert arrival.assessments.count() == 3


def test_the_log_says_what_was_added_and_what_it_changed(
    phone: Phone, trip: Trip, arrival: CheckIn
) -> None:
    paper = taken(phone, trip, slip(1), number="30012345")

    leaf = line_of(trip.log_id)[-1]
    assert (leaf["t"], leaf["of"]) == ("correction", arrival.leaf_n)
    said: Any = said_in_last_leaf("biz")
    said = said["new"]
    assert said["sha256"] == bytes(paper.digest).hex()
    assert said["won"] == 12_000
    assert said["counted"] is True
    assert said["assessment"]["support"] == newest(arrival).support
    assert "30012345" not in str(said)


@pytest.mark.parametrize(
    ("off", "why"),
    [
        (timedelta(hours=-1), "outside"),
        (timedelta(minutes=-1), "outside"),
        (timedelta(seconds=-59), ""),
        (timedelta(hours=4, minutes=30), ""),
        (timedelta(hours=4, minutes=31), "outside"),
        (timedelta(days=365), "outside"),
    ],
)
def test_a_paper_counts_within_the_time_of_its_trip_alone(
    off: timedelta, why: str, phone: Phone, trip: Trip, arrival: CheckIn
) -> None:
    paper = taken(phone, trip, slip(), at=NOON + off)

    assert (paper.counted, paper.why) == (not why, why)
    assert ("paper.receipts" in support(arrival)) == (not why)


def test_the_time_of_a_trip_is_also_that_of_its_touches(
    phone: Phone, trip: Trip, arrival: CheckIn, clock: Clock
) -> None:
    clock.later(hours=6)
    phone.sign_in()
    phone.touch(trip, "return")

    assert taken(phone, trip, slip(), at=NOON + timedelta(hours=6)).counted


def test_a_paper_belongs_to_the_last_arrival_or_stop_before_it(
    phone: Phone, trip: Trip, clock: Clock
) -> None:
    first = phone.touched(trip)
    clock.later(hours=1)
    stop = phone.touched(trip, "stop")
    clock.later(hours=1)
    phone.touch(trip, "return")

    assert taken(phone, trip, slip(1), at=NOON + timedelta(minutes=30)).check_in == first
    assert taken(phone, trip, slip(2), at=NOON + timedelta(minutes=90)).check_in == stop
    assert taken(phone, trip, slip(3), at=NOON + timedelta(hours=4)).check_in == stop


def test_a_return_after_a_paper_keeps_it(
    phone: Phone, trip: Trip, arrival: CheckIn, clock: Clock
) -> None:
    taken(phone, trip, slip())
    clock.later(hours=3)

    phone.touch(trip, "return")

    assert {"paper.receipts", "stay.both-ends"} <= set(support(arrival))


def test_a_paper_from_the_way_there_waits_for_the_first_touch(phone: Phone, trip: Trip) -> None:
    paper = taken(phone, trip, slip(1), at=NOON)
    assert paper.check_in is None

    touch = phone.touch(trip, **without_position("refused"))

    assert "paper.receipts" in codes(touch)
    adopted = CheckIn.objects.get(papers=paper)
    assert str(adopted.uid) == touch.json()["id"]
    assert "paper.receipts" not in codes(phone.touch(trip, "stop"))


def test_a_touch_taken_back_lets_its_papers_wait_for_the_next(phone: Phone, trip: Trip) -> None:
    taken(phone, trip, slip(1), at=NOON)
    phone.take_back(phone.touched(trip))

    assert "paper.receipts" in codes(phone.touch(trip))


# --- the same paper twice ----------------------------------------------------------------


SAME: dict[str, tuple[tuple[bytes, dict[str, Any]], tuple[bytes, dict[str, Any]]]] = {
    "the same file": ((slip(5), {}), (slip(5), {"amount": 3, "kind": "toll"})),
    "the same picture with other words beside it": (
        (slip(5, form="PNG"), {}),
        (slip(5, form="WEBP", lossless=True), {"amount": 3}),
    ),
    "the same number, sum and minute": (
        (slip(5), {"number": "3001-2345"}),
        (slip(6), {"number": "3001 2345", "at": NOON + timedelta(seconds=30)}),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_a_paper_that_lies_with_another_trip_is_kept_and_does_not_count(
    name: str, phone: Phone, trip: Trip, next_trip: Trip
) -> None:
    arrival = phone.touched(next_trip, **without_position("refused"))
    (one, first), (other, second) = SAME[name]
    counted = taken(phone, trip, one, **first)

    again = taken(phone, next_trip, other, **second)

    assert (again.counted, again.why) == (False, "elsewhere")
    assert "paper.receipts" not in support(arrival)
    counted.refresh_from_db()
    assert counted.counted


@pytest.mark.parametrize("name", SAME)
def test_a_paper_is_not_put_to_one_trip_twice(name: str, phone: Phone, trip: Trip) -> None:
    (one, first), (other, second) = SAME[name]
    taken(phone, trip, one, **first)

    answer = put(phone, trip, other, **second)

    assert (answer.status_code, answer.json()["code"]) == (409, "paper.twice")
    assert trip.papers.count() == 1


def test_another_sum_or_minute_is_another_paper(phone: Phone, trip: Trip, next_trip: Trip) -> None:
    taken(phone, trip, slip(5), number="7")

    assert taken(phone, next_trip, slip(6), number="7", amount=12_001).counted
    assert taken(phone, next_trip, slip(7), number="7", at=NOON + timedelta(minutes=1)).counted


def test_a_paper_nobody_counts_may_count_elsewhere(
    phone: Phone, trip: Trip, next_trip: Trip
) -> None:
    taken(phone, trip, slip(5), at=NOON - timedelta(days=1))

    assert taken(phone, next_trip, slip(5)).counted


# --- taken back ----------------------------------------------------------------------------


def take_back(phone: Phone, paper: Paper) -> Any:
    where = f"/api/v1/trips/{paper.trip.uid}/papers/{paper.uid}/withdrawal"
    return phone.api.post(where)


def test_a_wrong_time_is_mended_by_taking_the_paper_back(
    phone: Phone, trip: Trip, arrival: CheckIn
) -> None:
    wrong = taken(phone, trip, slip(5), at=NOON - timedelta(days=1), number="7")

    answer = take_back(phone, wrong)

    assert (answer.status_code, answer.json()["why"]) == (200, "withdrawn")
    assert taken(phone, trip, slip(5), number="7").counted
    assert "paper.receipts" in support(arrival)
    assert trip.papers.count() == 2


def test_what_was_taken_back_supports_nothing_and_may_count_elsewhere(
    phone: Phone, trip: Trip, next_trip: Trip, arrival: CheckIn
) -> None:
    paper = taken(phone, trip, slip(5))
    other = taken(phone, trip, slip(6))

    take_back(phone, paper)
    assert support(arrival)["paper.receipts"] == 20
    take_back(phone, other)

    assert "paper.receipts" not in support(arrival)
    assert taken(phone, next_trip, slip(5)).counted
    assert said_in_last_leaf("biz")["new"]


def test_taking_back_twice_is_once(phone: Phone, trip: Trip, arrival: CheckIn) -> None:
    paper = taken(phone, trip, slip(5))
    take_back(phone, paper)
    before = arrival.assessments.count(), len(line_of(trip.log_id))

    assert take_back(phone, paper).status_code == 200

    assert (arrival.assessments.count(), len(line_of(trip.log_id))) == before


def test_papers_of_a_settled_trip_stay(phone: Phone, trip: Trip) -> None:
    paper = taken(phone, trip, slip(5))
    Trip.objects.filter(pk=trip.pk).update(state=State.SETTLED)

    answer = take_back(phone, paper)

    assert (answer.status_code, answer.json()["code"]) == (409, "trip.move-refused")


def test_nobody_takes_back_anothers_paper(phone: Phone, trip: Trip, mallory: Person) -> None:
    paper = taken(phone, trip, slip(5))
    where = f"trips/{trip.uid}/papers/{paper.uid}/withdrawal"

    assert phone_of(mallory).post(f"/api/v1/{where}").status_code == 404
    paper.refresh_from_db()
    assert paper.counted


# --- bounds, and whose it is ---------------------------------------------------------------


def test_a_trip_takes_twenty_papers_and_no_more(phone: Phone, trip: Trip, clock: Clock) -> None:
    for number in range(20):
        taken(phone, trip, slip(number))
        clock.later(seconds=10)

    answer = put(phone, trip, slip(99))

    assert (answer.status_code, answer.json()["code"]) == (409, "paper.too-many")


@pytest.mark.parametrize("state", State)
def test_papers_come_to_a_trip_that_is_there_and_not_called_off(
    state: State, phone: Phone, stages: Stages
) -> None:
    trip = stages[state]()

    answer = put(phone, trip, slip())

    closed = {State.DRAFT, State.CANCELLED, State.VOIDED}
    assert answer.status_code == (409 if state in closed else 201)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1},
        {"amount": 1_000_000_001},
        {"amount": "zwölf"},
        {"kind": "money"},
        {"at": "yesterday"},
        {"at": "1999-12-31T23:59:00+09:00"},
        {"number": "9" * 61},
        {"upload": "x"},
    ],
)
def test_a_paper_of_a_strange_shape_is_refused(
    wrong: dict[str, Any], phone: Phone, trip: Trip
) -> None:
    answer = put(phone, trip, slip(), **wrong)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")


def test_nobody_puts_anothers_file_to_their_trip(phone: Phone, trip: Trip, mallory: Person) -> None:
    stolen = sent(phone_of(mallory), slip())

    answer = put(phone, trip, slip(2), upload=stolen)

    assert answer.status_code == 404


def test_a_file_is_one_paper(phone: Phone, trip: Trip, next_trip: Trip) -> None:
    paper = taken(phone, trip, slip())

    answer = put(phone, next_trip, slip(2), upload=str(paper.upload.uid))

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "role"),
    [
        ("ada", 200, None),
        ("bora", 200, "approver"),
        ("felix", 200, "clerk"),
        ("iris", 200, "auditor"),
        ("olga", 404, None),
        ("mallory", 404, None),
    ],
)
def test_a_paper_is_opened_by_who_may_see_the_trip_and_the_diary_knows(
    name: str, status: int, role: str | None, phone: Phone, trip: Trip, request: Any
) -> None:
    paper = taken(phone, trip, slip())
    visitor = phone_of(request.getfixturevalue(name))

    answer = visitor.get(f"{UPLOADS}/{paper.upload.uid}/file")

    assert answer.status_code == status
    looks = list(AccessSubject.objects.select_related("access"))
    assert [look.access.role for look in looks] == ([role] if role else [])
    assert all(look.person == phone.person for look in looks)
    assert all(look.access.reference == trip.number for look in looks)


# --- the form, without script ----------------------------------------------------------------


@pytest.fixture
def door(phone: Phone) -> Client:
    client = Client()
    client.force_login(phone.person, backend="accounts.backends.NumberBackend")
    return client


FORM = {"paper": "toll", "amount": "2400", "day": "2026-11-23", "clock": "12:30"}


def test_a_paper_is_attached_by_a_plain_form(door: Client, trip: Trip) -> None:
    answer = door.post(f"/trips/{trip.uid}/papers/", FORM | {"file": file_of(slip())})

    assert answer.status_code == 302
    paper = Paper.objects.get()
    assert (paper.kind, paper.amount, paper.counted) == ("toll", 2_400, True)
    assert paper.at == NOON + timedelta(minutes=30)
    assert "2,400" in door.get(f"/trips/{trip.uid}/").content.decode()


def test_a_slip_in_another_field_costs_nobody_their_picture(door: Client, trip: Trip) -> None:
    wrong = FORM | {"amount": "", "file": file_of(slip())}
    answer = door.post(f"/trips/{trip.uid}/papers/", wrong)
    assert answer.status_code == 400
    kept = Upload.objects.get()
    assert f'name="upload" value="{kept.uid}"' in answer.content.decode()

    door.post(f"/trips/{trip.uid}/papers/", FORM | {"upload": str(kept.uid)})

    assert Paper.objects.get().upload == kept


@pytest.mark.parametrize("said", [{}, {"file": b"GIF89a"}, {"upload": "0" * 32}])
def test_a_form_without_a_file_that_opens_says_so(
    said: dict[str, Any], door: Client, trip: Trip
) -> None:
    said = {name: file_of(it) if isinstance(it, bytes) else it for name, it in said.items()}

    answer = door.post(f"/trips/{trip.uid}/papers/", FORM | said)

    assert answer.status_code == 400
    assert 'id="id_file_error"' in answer.content.decode()
    assert Paper.objects.count() == 0


def test_the_cheapest_way_for_this_trip_stands_first(
    door: Client, trip: Trip, arrival: CheckIn
) -> None:
    asked = [one["code"] for one in newest(arrival).missing]

    page = door.get(f"/trips/{trip.uid}/add/").content.decode()

    places = [page.index(f'id="way-{name}"') for name in ("paper", "photo", "statement")]
    assert "ask.receipt" in asked
    assert places == sorted(places)
