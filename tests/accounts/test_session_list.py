"""Where a person is signed in, and ending it from afar."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.agents import words_of
from accounts.browsers import mark_of
from accounts.models import Person, PushAddress, SignIn
from tests.accounts.test_sign_in import PASSWORD, has_password, knock, signed_in

PHONE = (
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36"
)
OWN = {"old": PASSWORD, "new": "four blue paper boats"}


@pytest.fixture
def door(ada: Person) -> Client:
    """Ada's phone, signed in."""
    return opened(ada)


def opened(person: Person, agent: str = PHONE) -> Client:
    has_password(person)
    door = Client(headers={"user-agent": agent})
    knock(door, number=f"T-{person.name}")
    assert signed_in(door)
    return door


def again(agent: str = "") -> Client:
    """Ada, in one browser more."""
    door = Client(headers={"user-agent": agent})
    knock(door)
    return door


def page(door: Client) -> Any:
    answer = door.get("/me/sessions/")
    assert answer.status_code == 200
    return answer.context


def inside(door: Client) -> bool:
    return bool(door.get("/me/").status_code == 200)


def test_a_sign_in_stands_in_the_list_by_the_name_of_its_browser(door: Client) -> None:
    desk = again("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0.0.0 Safari/537.36 Edg/156")
    here = page(desk)

    assert [row.words for row in here["here"]] == ["Edge · Windows"]
    assert [row.words for row in here["others"]] == ["Chrome · Android"]


def test_who_signs_in_over_somebody_else_stands_in_their_own_list(
    door: Client, ada: Person, bora: Person
) -> None:
    """A session that nobody lists would outlive every signing out from afar."""
    here = opened(bora)
    knock(here, number="T-ada")

    assert SignIn.objects.get(session_id=here.session.session_key).person == ada
    door.post("/me/sessions/end/")
    assert not inside(here)


def test_one_session_is_ended_and_the_others_go_on(door: Client) -> None:
    lost, desk = again(), again()
    rows = {row.session_id: row for row in page(door)["others"]}
    answer = door.post(f"/me/sessions/{rows[lost.session.session_key].uid}/end/")

    assert answer.status_code == 302
    assert [inside(one) for one in (door, lost, desk)] == [True, False, True]


def test_all_others_are_ended_at_once(door: Client) -> None:
    others = [again(), again()]
    door.post("/me/sessions/end/")

    assert inside(door)
    assert not any(inside(one) for one in others)
    assert SignIn.objects.count() == 1


def test_a_browser_that_was_signed_out_from_afar_shows_no_notices(
    door: Client, ada: Person
) -> None:
    lost = again()
    for number, browser in enumerate((door, lost)):
        mark = mark_of(browser.cookies["browser"].value)
        said = {"where": b"-", "sender": b"-", "made_at": timezone.now()}
        PushAddress.objects.create(person=ada, index=bytes([number]), browser=mark, **said)
    door.post("/me/sessions/end/")

    left = PushAddress.objects.get()
    assert left.browser is not None
    assert bytes(left.browser) == mark_of(door.cookies["browser"].value)


@pytest.mark.parametrize("name", ["bora", "olga", "mallory"])
def test_nobody_sees_or_ends_another_persons_session(
    name: str, door: Client, request: pytest.FixtureRequest
) -> None:
    other = opened(request.getfixturevalue(name))
    hers = SignIn.objects.get(session=door.session.session_key)

    assert page(other)["others"] == []
    assert other.post(f"/me/sessions/{hers.uid}/end/").status_code == 404
    other.post("/me/sessions/end/")
    assert inside(door)


def test_a_stranger_is_led_to_the_door(door: Client) -> None:
    hers = SignIn.objects.get()
    for answer in (
        Client().get("/me/sessions/"),
        Client().post("/me/sessions/end/"),
        Client().post(f"/me/sessions/{hers.uid}/end/"),
    ):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")
    assert inside(door)


def test_a_new_password_ends_the_others_and_keeps_this_one_in_the_list(door: Client) -> None:
    lost = again()
    door.post("/me/password/", OWN)

    assert [inside(one) for one in (door, lost)] == [True, False]
    assert [row.session_id for row in page(door)["here"]] == [door.session.session_key]


def test_signing_out_and_time_take_a_session_from_the_list(door: Client) -> None:
    desk, old = again(), again()
    desk.post("/logout/")
    over = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=old.session.session_key).update(expire_date=over)

    assert page(door)["others"] == []


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome · Android"),
        (f"{PHONE} SamsungBrowser/28.0", "Samsung Internet · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox · Linux"),
        ("curl/8", ""),
        ("<script>" * 1_000, ""),
    ],
)
def test_a_browser_is_called_by_what_it_says_and_by_nothing_else(agent: str, words: str) -> None:
    assert words_of(agent) == words
