"""A receipt on show for a minute: only its owner makes the code, only their station reads it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Department, Organisation, Person, Place
from ledger.models import Outbox
from tests.clock import Clock
from tests.conftest import enrolled, phone_of
from tests.settlement.desk import answers, arrival, code_of, scan, seen
from trips.models import CheckIn, Trip
from trips.presenting import issued
from trips.services.choose_presenting import choose_presenting


@pytest.fixture
def shows(olga: Person, clock: Clock) -> None:
    """The office chose to have such codes."""
    choose_presenting(olga, choice="on", now=clock.at)


def ask(person: Person, touch: CheckIn) -> Any:
    return phone_of(person).post(f"/api/v1/check-ins/{touch.uid}/presentation")


def shown(person: Person, touch: CheckIn) -> str:
    answer = ask(person, touch)
    assert answer.status_code == 201
    return str(answer.json()["text"])


def test_what_is_shown_is_judged_as_the_receipt_itself(
    ada: Person, felix: Person, payable: Trip, shows: None
) -> None:
    text = shown(ada, arrival(payable))
    said, read = seen(felix, text), seen(felix, code_of(arrival(payable)))

    assert text.startswith("TSV1.")
    assert answers(said) == ("genuine", "payable")
    assert said["genuine"] == read["genuine"]
    assert said["trip"] == read["trip"]


@pytest.mark.parametrize(("seconds", "genuine"), [(59, "genuine"), (60, "unverifiable")])
def test_it_is_read_for_a_minute(
    ada: Person, felix: Person, payable: Trip, shows: None, clock: Clock, seconds: int, genuine: str
) -> None:
    text = shown(ada, arrival(payable))
    clock.later(seconds=seconds)
    said = seen(felix, text)

    assert said["genuine"]["code"] == genuine


def test_it_may_be_made_anew_as_often_as_anybody_likes(
    ada: Person, payable: Trip, shows: None, clock: Clock
) -> None:
    for _ in range(40):
        shown(ada, arrival(payable))
        clock.later(seconds=2)


def test_no_letter_of_it_may_change(
    ada: Person, felix: Person, payable: Trip, shows: None, clock: Clock
) -> None:
    text = shown(ada, arrival(payable))
    for place in range(len("TSV1."), len(text), 7):
        clock.later(milliseconds=1)
        other = "A" if text[place] != "A" else "B"
        said = seen(felix, text[:place] + other + text[place + 1 :])
        assert said["genuine"]["code"] != "genuine"


def test_a_ticket_for_something_else_shows_nothing(
    ada: Person, felix: Person, payable: Trip, shows: None, clock: Clock
) -> None:
    touch = arrival(payable)
    until = clock.at + timedelta(minutes=1)
    foreign = issued(touch, until=until, key=bytes(32))

    assert seen(felix, foreign)["genuine"]["code"] == "unverifiable"


@pytest.mark.parametrize("name", ["bora", "felix", "olga", "mallory"])
def test_nobody_shows_another_persons_receipt(
    name: str, payable: Trip, shows: None, request: pytest.FixtureRequest
) -> None:
    other = request.getfixturevalue(name)

    assert ask(other, arrival(payable)).status_code == 404
    assert phone_of(other).get(f"/touches/{arrival(payable).uid}/present/").status_code == 404


def test_the_station_of_another_office_learns_nothing(
    ada: Person, payable: Trip, shows: None, site: Place
) -> None:
    other = Organisation.objects.create(name="다른시청")
    desk = Department.objects.create(organisation=other, name="회계과")
    clerk = enrolled("flora", other, desk, site)
    said = scan(clerk, shown(ada, arrival(payable))).json()

    assert said["genuine"]["code"] == "unverifiable"
    assert "person" not in said or said["person"] is None


def test_an_office_that_did_not_choose_has_none(ada: Person, payable: Trip) -> None:
    touch = arrival(payable)

    assert ask(ada, touch).status_code == 404
    assert phone_of(ada).get(f"/touches/{touch.uid}/present/").status_code == 404
    assert "/present/" not in phone_of(ada).get(receipt_of(touch)).content.decode()


def receipt_of(touch: CheckIn) -> str:
    return f"/trips/{touch.trip.uid}/receipt/?touch={touch.uid}"


def test_the_page_names_its_owner_and_holds_no_code(
    ada: Person, payable: Trip, shows: None
) -> None:
    touch = arrival(payable)
    page = phone_of(ada).get(f"/touches/{touch.uid}/present/").content.decode()

    assert f'<h1 class="presented" id="who">{ada.name}</h1>' in page
    assert "TSV1." not in page
    assert f"/touches/{touch.uid}/present/" in phone_of(ada).get(receipt_of(touch)).content.decode()


def test_a_touch_that_was_taken_back_is_shown_no_more(
    ada: Person, felix: Person, payable: Trip, shows: None, clock: Clock
) -> None:
    touch = arrival(payable)
    text = shown(ada, touch)
    CheckIn.objects.filter(pk=touch.pk).update(withdrawn_at=clock.at)

    assert seen(felix, text)["genuine"]["code"] == "withdrawn"
    assert ask(ada, touch).json()["code"] == "trip.move-refused"


@pytest.mark.parametrize("name", ["ada", "bora", "felix", "iris"])
def test_only_an_administrator_chooses(name: str, request: pytest.FixtureRequest) -> None:
    page = phone_of(request.getfixturevalue(name))

    assert page.get("/manage/presentation/").status_code == 403
    assert page.post("/manage/presentation/", {"choice": "on"}).status_code == 403


def test_the_choice_stands_in_the_log_and_may_be_changed(olga: Person) -> None:
    page = phone_of(olga)
    for choice in ("on", "off"):
        assert page.post("/manage/presentation/", {"choice": choice}).status_code == 302
        olga.organisation.refresh_from_db()
        assert olga.organisation.settings["presentation"] == choice

    assert page.post("/manage/presentation/", {"choice": "maybe"}).status_code == 400
    entries = Outbox.objects.order_by("pk").values_list("entry", flat=True)
    said = [json.loads(bytes(entry)) for entry in entries][-2:]
    assert [leaf["name"] for leaf in said] == ["presentation-on", "presentation-off"]
