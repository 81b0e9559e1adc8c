from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts.models import KnownBrowser, Organisation, Person, Post, Role
from accounts.passkeys import unb64
from accounts.services.end_grant import end_grant
from accounts.services.grant_role import grant_role
from accounts.services.issue_password import issue_password
from accounts.services.note_browser import MOST, note_browser
from accounts.services.revoke_device import revoke_device
from tests.authenticator import SoftAuthenticator
from tests.clock import stopped
from tests.conftest import NOON

PASSWORD = "three green paper boats"


@pytest.fixture
def door(ada: Person) -> Client:
    has_password(ada)
    return Client()


def has_password(person: Person) -> None:
    person.password = _hashed(PASSWORD)
    person.save()


@cache
def _hashed(password: str) -> str:
    """Once for all tests: to hash a password is made slow."""
    return make_password(password)


def knock(door: Client, **said: str) -> Any:
    body = {"number": "T-ada", "password": PASSWORD} | said
    return door.post("/login/", body)


def signed_in(door: Client) -> bool:
    return "_auth_user_id" in door.session


def press(door: Client, key: SoftAuthenticator, **other: Any) -> Any:
    """Ask for the question and let the passkey answer it."""
    question = door.post("/login/question/").json()
    proof = key.sign(unb64(question["challenge"]), **other)
    return door.post("/login/passkey/", {"proof": json.dumps(proof)})


def test_number_and_password_open_the_door_and_a_passkey_is_offered(door: Client) -> None:
    answer = knock(door, next="/me/")

    assert signed_in(door)
    assert answer.status_code == 302
    assert answer["Location"] == "/enrol/?next=%2Fme%2F"


def test_the_number_may_be_typed_small_and_with_spaces(door: Client) -> None:
    knock(door, number=" t-ADA ")

    assert signed_in(door)


def test_an_unknown_number_and_a_wrong_password_get_the_same_words(door: Client) -> None:
    wrong, unknown = knock(door, password="wrong"), knock(door, number="T-nobody")

    assert wrong.status_code == unknown.status_code == 403
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert not signed_in(door)


def test_an_unknown_number_is_hashed_as_long_as_a_known_one(
    door: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr("accounts.backends.make_password", hashed.append)

    knock(door, number="T-nobody", password="guess")

    assert hashed == ["guess"]


def test_whoever_has_left_does_not_get_in(door: Client, ada: Person) -> None:
    Person.objects.filter(pk=ada.pk).update(is_active=False)

    assert knock(door).status_code == 403
    assert not signed_in(door)


def test_a_session_ends_with_the_account(door: Client, ada: Person) -> None:
    knock(door)
    Person.objects.filter(pk=ada.pk).update(is_active=False)

    assert door.get("/me/").status_code == 302


def test_the_sixth_wrong_password_is_told_how_long_to_wait(door: Client) -> None:
    for _ in range(5):
        knock(door, password="wrong")
    locked = knock(door)

    assert locked.status_code == 429
    assert 200 < int(locked["Retry-After"]) <= 301
    assert locked["Retry-After"] in locked.content.decode()
    assert not signed_in(door)


def test_guessing_at_one_number_does_not_lock_another(door: Client) -> None:
    for _ in range(5):
        knock(door, number="T-nobody")

    knock(door)
    assert signed_in(door)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_the_door_leads_nowhere_else(door: Client, elsewhere: str) -> None:
    assert knock(door, next=elsewhere)["Location"] == "/enrol/?next=%2F"


def test_the_organisation_is_asked_only_where_there_is_a_choice(door: Client) -> None:
    assert "organisation" not in door.get("/login/").context["form"].fields
    Organisation.objects.create(name="다른시청")

    assert "organisation" in door.get("/login/").context["form"].fields
    assert knock(door).status_code == 400
    assert knock(door, organisation="다른시청").status_code == 403
    knock(door, organisation="시험시청")
    assert signed_in(door)


def test_the_key_of_the_session_is_new_after_sign_in(door: Client) -> None:
    door.post("/login/question/")
    before = door.session.session_key
    knock(door)

    assert door.session.session_key != before


def test_a_passkey_opens_the_door_without_a_number(door: Client, ada: Person) -> None:
    answer = press(door, SoftAuthenticator(ada).enrol())

    assert signed_in(door)
    assert answer["Location"] == "/"


def test_who_has_a_passkey_does_not_get_in_by_password_alone(door: Client, ada: Person) -> None:
    SoftAuthenticator(ada).enrol()

    assert knock(door).status_code == 403
    assert not signed_in(door)


def test_without_the_lost_passkey_the_password_opens_again(door: Client, ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol()
    revoke_device(key.device, by=ada, now=NOON)

    assert not Authenticator.objects.exists()
    assert press(door, key).status_code == 403
    knock(door)
    assert signed_in(door)


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://evil.example"}, {"flags": 0x01}, {"kind": "webauthn.create"}]
)
def test_a_wrong_assertion_opens_nothing(door: Client, ada: Person, wrong: dict[str, Any]) -> None:
    assert press(door, SoftAuthenticator(ada).enrol(), **wrong).status_code == 403
    assert not signed_in(door)


def test_one_question_is_answered_once(door: Client, ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol()
    question = door.post("/login/question/").json()
    proof = json.dumps(key.sign(unb64(question["challenge"])))

    door.post("/login/passkey/", {"proof": proof})
    door.post("/logout/")
    assert door.post("/login/passkey/", {"proof": proof}).status_code == 403
    assert not signed_in(door)


@pytest.mark.parametrize("noise", ["", "x", "[]", "{}", '{"kind":"passkey"}', "[" * 50_000])
def test_a_noisy_passkey_opens_nothing(door: Client, noise: str) -> None:
    door.post("/login/question/")

    assert door.post("/login/passkey/", {"proof": noise}).status_code == 403


def test_a_waiting_passkey_does_not_open_the_door(door: Client, ada: Person) -> None:
    SoftAuthenticator(ada).enrol()

    assert press(door, SoftAuthenticator(ada).enrol()).status_code == 403


def test_signing_out_is_a_post(door: Client) -> None:
    knock(door)

    assert door.get("/logout/").status_code == 405
    assert signed_in(door)
    door.post("/logout/")
    assert not signed_in(door)


def test_a_form_from_elsewhere_is_refused(ada: Person) -> None:
    careful = Client(enforce_csrf_checks=True)

    assert careful.post("/login/", {"number": "T-ada", "password": "x"}).status_code == 403


def test_a_clerks_day_is_shorter_than_a_travellers(door: Client, felix: Person) -> None:
    has_password(felix)

    knock(door, number="T-felix")
    assert 0 <= 8 * 60 * 60 - door.session.get_expiry_age() < 60


# --- a browser that was never here ---------------------------------------------------------


def told(person: Person) -> int:
    return Post.objects.filter(person=person, kind=Post.Kind.SIGNED_IN).count()


def test_a_sign_in_from_a_new_browser_is_told_and_from_a_known_one_is_not(
    door: Client, ada: Person
) -> None:
    knock(door)
    assert told(ada) == 0  # there is none to compare it with
    door.post("/logout/")
    knock(door)
    assert told(ada) == 0

    elsewhere = Client()
    knock(elsewhere)
    assert told(ada) == 1
    elsewhere.post("/logout/")
    knock(elsewhere)
    assert told(ada) == 1


def test_a_passkey_in_a_new_browser_is_told_as_well(door: Client, ada: Person) -> None:
    knock(door)
    key = SoftAuthenticator(ada).enrol()
    press(Client(), key)

    assert told(ada) == 1


def test_a_sign_in_that_failed_is_no_browser_of_hers(door: Client, ada: Person) -> None:
    knock(door)
    knock(Client(), password="wrong")

    assert (told(ada), KnownBrowser.objects.count()) == (0, 1)


def test_the_same_browser_for_another_person_is_new_to_them(
    door: Client, ada: Person, bora: Person
) -> None:
    has_password(bora)
    knock(Client(), number="T-bora")
    knock(door)
    door.post("/logout/")
    knock(door, number="T-bora")

    assert (told(ada), told(bora)) == (0, 1)


def test_what_is_kept_of_a_browser_is_neither_its_word_nor_without_end(
    door: Client, ada: Person
) -> None:
    with stopped(NOON):
        knock(door)
    word = door.cookies["browser"].value.encode()
    assert word not in bytes(KnownBrowser.objects.get().mark)

    for number in range(MOST + 5):
        note_browser(ada, browser=bytes([number]) * 32, now=NOON + timedelta(days=number))
    assert KnownBrowser.objects.count() == MOST
    note_browser(ada, browser=bytes(32), now=NOON + timedelta(days=500))
    assert KnownBrowser.objects.count() == 1


def test_a_role_a_password_and_a_lost_device_are_told_to_their_person(
    ada: Person, bora: Person, olga: Person
) -> None:
    device = SoftAuthenticator(ada).enrol().device
    Post.objects.all().delete()
    grant = grant_role(ada, role=Role.APPROVER, by=olga, since=NOON, now=NOON)
    end_grant(grant, by=olga, now=NOON + timedelta(days=1))
    issue_password(ada, by=olga, now=NOON)
    revoke_device(device, by=ada, now=timezone.now())

    posts = Post.objects.order_by("pk").values_list("person", "kind")
    assert list(posts) == [(ada.pk, "account")] * 4
