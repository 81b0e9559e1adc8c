"""A host confirms, denies, comes too late or answers for themself; and a colleague does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import Department, Organisation, Person, Place
from tests.clock import Clock
from tests.conftest import phone_of
from tests.trips.log import line_of, rows
from tests.trips.test_site_codes import ORDER
from tests.trips.touches import CHECK_INS, Phone, without_position
from trips.models import CheckIn, Companion, HostAsk, Trip
from trips.services.answer_for_colleague import answer_for_colleague
from vault import keyring

QUESTIONS, ANSWERS = "/api/v1/host-questions", "/api/v1/host-answers"
WHO = {"name": "박서연", "department": "진주시청 총무과"}


@pytest.fixture
def touch(phone: Phone, trip: Trip) -> CheckIn:
    return phone.touched(trip, **without_position("unavailable"))


@pytest.fixture
def host() -> APIClient:
    """Somebody's phone that was never here before, and is signed in to nothing."""
    return APIClient()


@pytest.fixture
def hanna(db: None) -> APIClient:
    """Of another office, with an account of her own."""
    hall = Organisation.objects.create(name="다른시청")
    home = Place.objects.create(organisation=hall, name="다른시청 본관", unit="11000")
    office = Department.objects.create(organisation=hall, name="총무과")
    hanna = Person(organisation=hall, department=office, workplace=home, name="hanna")
    hanna.put_number("H-hanna")
    hanna.set_unusable_password()
    hanna.save()
    return phone_of(hanna)


def ask(phone: Phone, touch: CheckIn, **body: str) -> str:
    """The ticket in the code or link."""
    made = phone.api.post(f"{CHECK_INS}/{touch.uid}/host-asks", body, format="json")
    assert made.status_code == 201, made.content
    url = made.json()["url"]
    assert url.startswith("http://localhost:8000/host#")
    return str(url.partition("#")[2])


def opened(host: APIClient, ticket: str) -> Any:
    return host.post(QUESTIONS, {"ticket": ticket}, format="json")


def answered(host: APIClient, ticket: str, answer: str = "confirmed", **who: str) -> Any:
    body = {"ticket": ticket, "answer": answer} | (who or WHO)
    return host.post(ANSWERS, body, format="json")


def through(host: APIClient, ticket: str, answer: str = "confirmed") -> Any:
    """Open the question and answer it."""
    return answered(host, opened(host, ticket).json()["ticket"], answer)


def codes_of(touch: CheckIn) -> set[str]:
    return {reason["code"] for reason in list(touch.assessments.all())[-1].reasons}


def test_a_link_under_way_survives_the_renewal_of_its_key(
    phone: Phone,
    touch: CheckIn,
    host: APIClient,
    key_folder: Path,
    tmp_path: Path,
    settings: Any,
    request: pytest.FixtureRequest,
) -> None:
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    request.addfinalizer(keyring.forget)
    keyring.forget()
    link = ask(phone, touch, domain="jinju.go.kr")
    call_command("keys", "renew", "ticket")
    question = opened(host, link).json()["ticket"]
    call_command("keys", "renew", "ticket")

    assert answered(host, question).status_code == 200
    stranger = f"{link.partition('.')[0]}.{'A' * 43}"
    assert opened(host, stranger).json()["code"] == "host-ask.unknown"


# --- who confirms ---------------------------------------------------------------------


def test_a_host_reads_who_asks_and_nothing_else(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    said = opened(host, ask(phone, touch)).json()

    assert set(said["question"]) == {"organisation", "name", "department", "at", "kind", "place"}
    assert said["question"]["name"] == phone.person.name
    assert said["question"]["place"] == "시험구청"
    assert said["named"] is False


def test_a_host_without_an_account_says_who_they_are_and_confirms(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    answer = through(host, ask(phone, touch))

    assert answer.status_code == 200
    assert "host.guest-link" in codes_of(touch)
    (row,) = HostAsk.objects.all()
    box = row.box()
    assert box
    assert box.open().decode() == "박서연 · 진주시청 총무과"
    assert (line_of(touch.trip.log_id)[-1]["t"]) == "correction"


def test_an_account_of_another_office_weighs_most(
    phone: Phone, touch: CheckIn, hanna: APIClient
) -> None:
    ticket = opened(hanna, ask(phone, touch)).json()
    assert ticket["named"] is True

    answered(hanna, ticket["ticket"], name="", department="")

    assert "host.other-organisation" in codes_of(touch)
    assert list(touch.assessments.all())[-1].verdict == "SUFFICIENT"


def test_a_colleague_who_scans_is_a_teammate(phone: Phone, touch: CheckIn, felix: Person) -> None:
    through(phone_of(felix), ask(phone, touch))

    assert "host.teammate" in codes_of(touch)


@pytest.mark.parametrize("who", [(" ", " "), ("박서연", ""), ("", "총무과")])
def test_without_name_and_department_nobody_without_an_account_confirms(
    who: tuple[str, str], phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    ticket = opened(host, ask(phone, touch)).json()["ticket"]
    before = rows()

    answer = answered(host, ticket, name=who[0], department=who[1])
    assert (answer.status_code, answer.json()["code"]) == (409, "host-ask.unnamed")
    assert rows() == before


# --- nobody is their own host ---------------------------------------------------------


def test_the_traveller_cannot_countersign_signed_in(phone: Phone, touch: CheckIn) -> None:
    ticket = ask(phone, touch)
    other = phone_of(phone.person)

    assert opened(other, ticket).json()["code"] == "host-ask.own"


def test_the_traveller_cannot_countersign_signed_out_on_the_same_phone(
    phone: Phone, touch: CheckIn
) -> None:
    ticket = ask(phone, touch)
    same = APIClient()
    same.cookies["asked"] = phone.api.cookies["asked"].value

    assert opened(same, ticket).json()["code"] == "host-ask.own"


def test_a_ticket_opened_elsewhere_cannot_be_answered_by_the_traveller(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    ticket = opened(host, ask(phone, touch)).json()["ticket"]

    assert answered(phone.api, ticket).json()["code"] == "host-ask.own"
    assert not HostAsk.objects.exclude(answer="").exists()


def test_nobody_is_their_own_colleague(phone: Phone, touch: CheckIn) -> None:
    page = phone.api.post("/colleagues/", {"touch": str(touch.uid), "answer": "confirmed"})

    assert page.status_code == 404


# --- time, and once -------------------------------------------------------------------


@pytest.mark.parametrize(("body", "s"), [({}, 60), ({"mail": "a@jinju.example"}, 86_400)])
def test_a_ticket_opens_until_its_time_and_no_second_longer(
    body: dict[str, str], s: int, phone: Phone, touch: CheckIn, host: APIClient, clock: Clock
) -> None:
    ticket = ask(phone, touch, **body)
    clock.later(seconds=s - 1)
    assert opened(host, ticket).status_code == 200
    clock.later(seconds=1)

    assert opened(host, ticket).json()["code"] == "host-ask.expired"


def test_an_opened_question_waits_ten_minutes_for_its_answer(
    phone: Phone, touch: CheckIn, host: APIClient, clock: Clock
) -> None:
    ticket = opened(host, ask(phone, touch)).json()["ticket"]
    clock.later(minutes=10)

    assert answered(host, ticket).json()["code"] == "host-ask.expired"


def test_a_code_is_answered_once_however_often_it_was_renewed(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    first, second = ask(phone, touch), ask(phone, touch)
    waiting = opened(APIClient(), second).json()["ticket"]
    through(host, first)

    assert opened(APIClient(), second).json()["code"] == "host-ask.answered"
    assert answered(APIClient(), waiting).json()["code"] == "host-ask.answered"
    assert HostAsk.objects.count() == 1


@pytest.mark.parametrize(("minutes", "code"), [(9, ""), (10, "host-ask.expired")])
def test_an_answer_may_be_changed_for_ten_minutes(
    minutes: int, code: str, phone: Phone, touch: CheckIn, host: APIClient, clock: Clock
) -> None:
    change = through(host, ask(phone, touch), "denied").json()["ticket"]
    clock.later(minutes=minutes)

    answer = answered(host, change, "confirmed").json()

    assert answer.get("code", "") == code
    assert ("cross.host-denies" in codes_of(touch)) == bool(code)


def test_to_change_it_again_and_again_gives_no_further_minute(
    phone: Phone, touch: CheckIn, host: APIClient, clock: Clock
) -> None:
    change = through(host, ask(phone, touch)).json()["ticket"]
    clock.later(minutes=9)
    change = answered(host, change, "denied").json()["ticket"]
    clock.later(minutes=1)

    assert answered(host, change).json()["code"] == "host-ask.expired"


@pytest.mark.parametrize("bent", ["", "x", "a.b", "e30.AAAA"])
def test_what_is_no_ticket_is_not_known(bent: str, host: APIClient, touch: CheckIn) -> None:
    answer = opened(host, bent)

    assert answer.status_code in {400, 409}
    assert answer.json()["code"] in {"request.shape", "host-ask.unknown"}


def test_no_letter_of_a_ticket_may_change(phone: Phone, touch: CheckIn, host: APIClient) -> None:
    ticket = ask(phone, touch)

    for at in range(0, len(ticket), 7):
        letter = "A" if ticket[at] != "A" else "B"
        bent = ticket[:at] + letter + ticket[at + 1 :]
        assert opened(host, bent).json()["code"] == "host-ask.unknown"


def test_one_purpose_of_a_ticket_is_not_another(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    ticket = ask(phone, touch)
    opened_ticket = opened(host, ticket).json()["ticket"]

    assert answered(host, ticket).json()["code"] == "host-ask.unknown"
    assert opened(host, opened_ticket).json()["code"] == "host-ask.unknown"


def test_a_touch_that_was_taken_back_is_not_confirmed(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    ticket = ask(phone, touch)
    waiting = opened(host, ticket).json()["ticket"]
    phone.take_back(touch)

    assert opened(host, ticket).json()["code"] == "host-ask.closed"
    assert answered(host, waiting).json()["code"] == "host-ask.closed"


def test_five_links_wait_and_no_sixth(phone: Phone, touch: CheckIn) -> None:
    for number in range(5):
        ask(phone, touch, mail=f"a{number}@jinju.example")
    body = {"mail": "b@jinju.example"}

    made = phone.api.post(f"{CHECK_INS}/{touch.uid}/host-asks", body, format="json")
    assert made.json()["code"] == "host-ask.many"


# --- no -------------------------------------------------------------------------------


def test_a_no_is_looked_at_by_two_and_told_to_the_traveller(
    phone: Phone, touch: CheckIn, host: APIClient
) -> None:
    through(host, ask(phone, touch), "denied")

    assert "cross.host-denies" in codes_of(touch)
    assert list(touch.assessments.all())[-1].verdict == "REVIEW"
    page = phone.api.get(f"/trips/{touch.trip.uid}/host/").content.decode()
    assert f'href="/trips/{touch.trip.uid}/add/"' in page


def test_a_no_stands_beside_a_later_yes(
    phone: Phone, touch: CheckIn, host: APIClient, hanna: APIClient
) -> None:
    through(host, ask(phone, touch), "denied")
    through(hanna, ask(phone, touch))

    assert "cross.host-denies" in codes_of(touch)


def test_the_strongest_of_several_yeses_counts(
    phone: Phone, touch: CheckIn, hanna: APIClient, felix: Person
) -> None:
    through(hanna, ask(phone, touch))
    through(phone_of(felix), ask(phone, touch))

    assert {one for one in codes_of(touch) if one.startswith("host.")} == {
        "host.other-organisation"
    }


@pytest.mark.parametrize("position", ["given", "refused", "unavailable"])
@pytest.mark.parametrize("way", ["hanna", "host"])
def test_a_yes_never_makes_the_verdict_worse(
    position: str, way: str, phone: Phone, trip: Trip, request: pytest.FixtureRequest
) -> None:
    where: dict[str, Any] = {} if position == "given" else without_position(position)
    touch = phone.touched(trip, **where)
    through(request.getfixturevalue(way), ask(phone, touch))

    before, after = touch.assessments.all()
    assert ORDER[after.verdict] >= ORDER[before.verdict]


# --- a colleague, for one without a phone ---------------------------------------------


def test_a_companion_answers_from_their_own_page(
    phone: Phone, touch: CheckIn, felix: Person
) -> None:
    Companion.objects.create(trip=touch.trip, person=felix)
    desk = phone_of(felix)
    assert str(touch.uid) in desk.get("/colleagues/").content.decode()

    page = desk.post("/colleagues/", {"touch": str(touch.uid), "answer": "confirmed"})

    assert page.status_code == 302
    assert "host.teammate" in codes_of(touch)
    assert str(touch.uid) not in desk.get("/colleagues/").content.decode()
    again = desk.post("/colleagues/", {"touch": str(touch.uid), "answer": "denied"})
    assert again.status_code == 404


@pytest.mark.parametrize("name", ["mallory", "bora"])
def test_who_did_not_travel_along_answers_nothing(
    name: str, touch: CheckIn, request: pytest.FixtureRequest
) -> None:
    desk, before = phone_of(request.getfixturevalue(name)), rows()

    assert str(touch.uid) not in desk.get("/colleagues/").content.decode()
    page = desk.post("/colleagues/", {"touch": str(touch.uid), "answer": "confirmed"})
    assert page.status_code == 404
    assert rows() == before


def test_a_colleague_is_asked_for_a_week(touch: CheckIn, felix: Person, clock: Clock) -> None:
    Companion.objects.create(trip=touch.trip, person=felix)
    clock.later(days=7, seconds=1)

    assert str(touch.uid) not in phone_of(felix).get("/colleagues/").content.decode()


def test_one_colleague_has_one_word(touch: CheckIn, felix: Person, clock: Clock) -> None:
    answer_for_colleague(touch, colleague=felix, answer="confirmed", now=clock())
    before = HostAsk.objects.count()

    with pytest.raises(Exception, match="answered"):
        answer_for_colleague(touch, colleague=felix, answer="denied", now=clock())
    assert HostAsk.objects.count() == before
