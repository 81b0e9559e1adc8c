"""Iris searches: every condition, every page once, and nobody looked at without knowing."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Department, Person, Place
from audit.looking import PAGE
from audit.selectors import Filter, trips_audited_by
from ledger.models import Access, AccessSubject, Outbox
from tests.audit.office import found, numbers, trips_of
from tests.conftest import NOON, phone_of
from tests.settlement.desk import batch_of, confirmed, names, ordered, pay, touch
from trips.models import Assessment, State, Trip, Verdict
from trips.selectors import verdict_of


@pytest.fixture
def past(ada: Person, mallory: Person, bora: Person) -> list[Trip]:
    """Ada's trip of October, Mallory's of November; the last is still to be approved."""
    october = trips_of(ada, bora, 1, starts_at=NOON - timedelta(days=40))
    november = trips_of(mallory, bora, 1, starts_at=NOON - timedelta(days=5))
    asked = trips_of(ada, bora, 1, starts_at=NOON, state=State.REQUESTED)
    return [*october, *november, *asked]


def who_fits(iris: Person, past: list[Trip], **asked: str) -> set[int]:
    """Which of the three trips are found."""
    said = numbers(found(iris, **asked))
    return {n for n, trip in enumerate(past) if trip.number in said}


def test_without_a_condition_all_of_the_office_is_found(iris: Person, past: list[Trip]) -> None:
    said = found(iris)

    assert said["total"] == len(said["rows"]) == 3
    assert numbers(said) == [past[2].number, past[1].number, past[0].number]
    assert said["next"] == ""


def test_by_period(iris: Person, past: list[Trip]) -> None:
    assert who_fits(iris, past, since="2026-11-01") == {1, 2}
    assert who_fits(iris, past, until="2026-10-31") == {0}
    assert who_fits(iris, past, since="2026-11-18", until="2026-11-18") == {1}
    assert who_fits(iris, past, since="2026-11-24") == set()


def test_a_day_is_a_day_in_korea(iris: Person, ada: Person, bora: Person) -> None:
    """Half past midnight in Seoul is yesterday in Greenwich."""
    early = trips_of(ada, bora, 1, starts_at=NOON - timedelta(hours=11, minutes=30))
    late = trips_of(ada, bora, 1, starts_at=NOON + timedelta(hours=11, minutes=30))
    past = early + late

    assert who_fits(iris, past, since="2026-11-23", until="2026-11-23") == {0, 1}
    assert who_fits(iris, past, until="2026-11-22") == set()


def test_by_person(iris: Person, past: list[Trip]) -> None:
    assert who_fits(iris, past, person="ada") == {0, 2}
    assert who_fits(iris, past, person="mall") == {1}
    assert who_fits(iris, past, person="nobody") == set()


def test_by_department(iris: Person, past: list[Trip], mallory: Person) -> None:
    other = Department.objects.create(organisation=mallory.organisation, name="회계과")
    Trip.objects.filter(pk=past[1].pk).update(department=other)

    assert who_fits(iris, past, department="회계과") == {1}
    assert who_fits(iris, past, department="안전총괄과") == {0, 2}


def test_by_place_planned_or_recorded(
    iris: Person, past: list[Trip], ada: Person, bora: Person, site: Place
) -> None:
    past[0].stops.update(text="함안군청 3층")
    touched = confirmed(ada, bora, site, starts_at=NOON - timedelta(days=9))
    touched.stops.update(text="")

    assert who_fits(iris, past, place="함안") == {0}
    assert touched.number in numbers(found(iris, place="창원시"))


def test_by_state(iris: Person, past: list[Trip]) -> None:
    assert who_fits(iris, past, state="requested") == {2}
    assert who_fits(iris, past, state="confirmed") == {0, 1}
    assert who_fits(iris, past, state="settled") == set()


def test_by_verdict(iris: Person, past: list[Trip], ada: Person, bora: Person, site: Place) -> None:
    good = confirmed(ada, bora, site, starts_at=NOON - timedelta(days=9))

    assert numbers(found(iris, verdict="SUFFICIENT")) == [good.number]
    assert numbers(found(iris, verdict="REVIEW")) == []


def test_a_trip_nobody_touched_has_no_verdict(
    iris: Person, past: list[Trip], ada: Person, bora: Person, site: Place
) -> None:
    ordered(ada, bora, site, starts_at=NOON - timedelta(days=9))

    said = found(iris)

    verdicts = {row[said["columns"].index("판정")] for row in said["rows"]}
    assert verdicts == {""}
    assert [numbers(found(iris, verdict=verdict)) for verdict in Verdict.values] == [[]] * 4


def test_conditions_hold_together(iris: Person, past: list[Trip]) -> None:
    assert who_fits(iris, past, person="ada", state="confirmed", until="2026-10-31") == {0}
    assert who_fits(iris, past, person="ada", since="2026-11-18", until="2026-11-18") == set()


def test_the_verdict_that_is_searched_is_the_verdict_that_is_shown(
    iris: Person, ada: Person, bora: Person, site: Place
) -> None:
    """01-model.md §4 stands in SQL and in Python: for arrival and return they agree."""
    trip = ordered(ada, bora, site)
    arrive, back = touch(trip, at=NOON), touch(trip, at=NOON, kind="return")

    for there, then in product(Verdict.values, repeat=2):
        Assessment.objects.filter(check_in=arrive).update(verdict=there)
        Assessment.objects.filter(check_in=back).update(verdict=then)
        searched = trips_audited_by(iris, Filter()).get(pk=trip.pk)
        assert vars(searched)["verdict"] == verdict_of(trip)


def test_drafts_nobody_asked_for_are_not_there(iris: Person, past: list[Trip]) -> None:
    Trip.objects.filter(pk=past[0].pk).update(state=State.DRAFT, open_hash=None)
    Trip.objects.filter(pk=past[1].pk).update(state=State.DRAFT)

    assert who_fits(iris, past) == {1, 2}


def test_another_office_is_not_there(iris: Person, past: list[Trip], hall: Any) -> None:
    elsewhere = type(hall).objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=past[1].traveller_id).update(organisation=elsewhere)

    assert who_fits(iris, past) == {0, 2}


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"state": "x"},
        {"verdict": "x"},
        {"person": "a" * 51},
        {"after": "9" * 61},
    ],
)
def test_another_shape_is_refused(iris: Person, asked: dict[str, str]) -> None:
    answer = phone_of(iris).post("/api/v1/searches", asked, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")


# -- page by page ----------------------------------------------------------------------------


def pages(iris: Person, *, after: str = "") -> list[list[str]]:
    """Every page until the last, as a program turns them."""
    said = found(iris, after=after)
    rest = pages(iris, after=said["next"]) if said["next"] else []
    return [numbers(said), *rest]


def test_every_trip_stands_on_one_page(iris: Person, ada: Person, bora: Person) -> None:
    made = trips_of(ada, bora, 2 * PAGE + 3)

    read = pages(iris)

    assert [len(page) for page in read] == [PAGE, PAGE, 3]
    assert [one for page in read for one in page] == [t.number for t in reversed(made)]


@pytest.mark.parametrize("micros", [1, 123_457, 999_999])
def test_trips_of_one_moment_are_not_lost_between_pages(
    iris: Person, ada: Person, bora: Person, micros: int
) -> None:
    made = trips_of(ada, bora, 2 * PAGE)
    at = NOON + timedelta(microseconds=micros)
    Trip.objects.update(starts_at=at, ends_at=at)

    read = pages(iris)

    assert len(read) == 2
    assert sorted(one for page in read for one in page) == [t.number for t in made]


def test_what_comes_in_meanwhile_moves_nothing(iris: Person, ada: Person, bora: Person) -> None:
    made = trips_of(ada, bora, PAGE + 2)
    first = found(iris)
    trips_of(ada, bora, 5, starts_at=NOON)

    second = found(iris, after=first["next"])

    assert numbers(second) == [made[1].number, made[0].number]


@pytest.mark.parametrize(
    "mark", ["x", "_", "1", "nan_1", "inf_1", "1e300_1", "0_x", "0_" + "9" * 40, "-1e15_1", "١_١"]
)
def test_a_broken_mark_is_no_fault_of_ours(iris: Person, past: list[Trip], mark: str) -> None:
    assert found(iris, after=mark)["total"] == 3
    assert phone_of(iris).get("/audit/trips/", {"after": mark}).status_code == 200


# -- seen, and known to be seen ----------------------------------------------------------------


def test_everybody_on_the_page_reads_it_in_their_diary(
    iris: Person, ada: Person, mallory: Person, past: list[Trip]
) -> None:
    found(iris)

    access = Access.objects.get()
    assert (access.actor, access.role, access.method, access.purpose) == (
        iris,
        "auditor",
        "search",
        "audit",
    )
    assert {row.person for row in AccessSubject.objects.all()} == {ada, mallory}
    assert b'"method":"search"' in bytes(Outbox.objects.order_by("-pk")[0].entry)


def test_who_is_not_on_the_page_was_not_looked_at(
    iris: Person, mallory: Person, past: list[Trip]
) -> None:
    found(iris, person="ada")

    assert not AccessSubject.objects.filter(person=mallory).exists()


def test_an_empty_page_is_a_look_at_nobody(iris: Person, past: list[Trip]) -> None:
    found(iris, person="nobody")

    assert not Access.objects.exists()


def links(page: Any) -> list[str]:
    return re.findall(r'(?:href|action)="([^"]*)"', page.content.decode())


def test_a_name_never_stands_in_an_address(iris: Person, past: list[Trip]) -> None:
    desk = phone_of(iris)

    sent = desk.post("/audit/trips/", {"person": "ada", "place": "시험구청"})
    page = desk.get(sent["Location"])

    assert sent["Location"] == "/audit/trips/"
    assert "data-total>2<" in page.content.decode()
    assert not [link for link in links(page) if "person=" in link or "%EC" in link]


def test_a_name_in_an_address_is_not_read(iris: Person, past: list[Trip]) -> None:
    page = phone_of(iris).get("/audit/trips/", {"person": "mallory"})

    assert "data-total>3<" in page.content.decode()


def test_the_conditions_stay_until_they_are_cleared(iris: Person, past: list[Trip]) -> None:
    desk = phone_of(iris)
    desk.post("/audit/trips/", {"state": "requested"})
    assert "data-total>1<" in desk.get("/audit/trips/").content.decode()

    desk.post("/audit/trips/", {"clear": "1"})

    assert "data-total>3<" in desk.get("/audit/trips/").content.decode()


def test_the_page_turns_by_marks_without_a_name(iris: Person, ada: Person, bora: Person) -> None:
    trips_of(ada, bora, PAGE + 1)
    desk = phone_of(iris)

    first = desk.get("/audit/trips/")
    (older,) = [link for link in links(first) if link.startswith("?after=")]
    second = desk.get(f"/audit/trips/{older}")

    assert names("BT25-000001", second)
    assert not names("BT25-000002", second)


def test_one_trip_shows_its_evidence_and_its_money(
    iris: Person, ada: Person, felix: Person, bora: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))

    page = phone_of(iris).get(f"/audit/trips/{trip.uid}/")
    said = page.content.decode()

    assert names("ada", page)
    assert "위치가 출장지 안입니다" in said
    assert "20,000원" in said
    look = AccessSubject.objects.get(person=ada, access__action="audit-trip")
    assert (look.access.actor, look.access.reference) == (iris, trip.number)


@given(
    said=st.dictionaries(
        st.sampled_from(Filter.__slots__),
        st.one_of(st.none(), st.integers(), st.text(max_size=130), st.dates().map(date.isoformat)),
    )
)
def test_a_filter_reads_noise_and_reads_itself(said: dict[str, Any]) -> None:
    read = Filter.read(said)

    assert Filter.read(read.as_dict()) == read
    assert all(len(value) <= 100 for value in read.as_dict().values())
