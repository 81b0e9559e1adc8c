"""A session is read with its owner and their roles, and what was guessed never counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import sessions
from accounts.models import Grant, Person
from tests.conftest import phone_of


@pytest.fixture
def phone(ada: Person) -> APIClient:
    """Ada's, and this process has seen her session before."""
    phone = phone_of(ada)
    assert me(phone) == ada.name
    return phone


def me(phone: APIClient) -> str:
    """Whom the server takes them for; empty for nobody."""
    answer = phone.get("/api/v1/me")
    return str(answer.json()["name"]) if answer.status_code == 200 else ""


def test_session_person_and_roles_are_one_question(phone: APIClient) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert me(phone)

    said = [query["sql"] for query in captured.captured_queries]
    (first,) = [sql for sql in said if '"django_session"' in sql]
    assert '"accounts_grant"' in first
    assert not [sql for sql in said if sql != first and 'FROM "accounts_person"' in sql]
    assert not [sql for sql in said if sql != first and '"accounts_grant"' in sql]


def test_a_wrong_guess_makes_nobody_another(phone: APIClient, ada: Person, bora: Person) -> None:
    for key in list(sessions.seen):
        sessions.seen[key] = bora.pk

    assert me(phone) == ada.name


def test_a_guess_without_its_session_opens_nothing(phone: APIClient) -> None:
    Session.objects.all().delete()
    assert me(phone) == ""


def test_a_session_that_is_over_opens_nothing(phone: APIClient) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert me(phone) == ""


def test_somebody_elses_data_under_a_known_key_is_somebody_else(
    phone: APIClient, bora: Person
) -> None:
    other = phone_of(bora)
    theirs = Session.objects.get(pk=other.cookies["session"].value)
    Session.objects.filter(pk=phone.cookies["session"].value).update(
        session_data=theirs.session_data
    )

    assert me(phone) == bora.name


def test_data_that_nobody_signed_opens_nothing(phone: APIClient) -> None:
    kept = Session.objects.get(pk=phone.cookies["session"].value)
    Session.objects.update(session_data=kept.session_data[:-2] + "AA")
    assert me(phone) == ""


def test_a_new_password_ends_the_session(phone: APIClient, ada: Person) -> None:
    ada.set_unusable_password()
    ada.save()
    assert me(phone) == ""


def test_who_was_sent_away_is_nobody_at_once(phone: APIClient, ada: Person) -> None:
    Person.objects.filter(pk=ada.pk).update(is_active=False)
    assert me(phone) == ""


def test_a_role_begins_and_ends_with_the_next_request(phone: APIClient, ada: Person) -> None:
    before = phone.get("/api/v1/me").json()["roles"]
    now = timezone.now()
    grant = Grant.objects.create(person=ada, role="approver", since=now - timedelta(days=1))
    assert me(phone) == ""
    anew = phone_of(ada)
    assert sorted(anew.get("/api/v1/me").json()["roles"]) == sorted([*before, "approver"])

    Grant.objects.filter(pk=grant.pk).update(until=now)
    assert me(anew) == ""
    assert phone_of(ada).get("/api/v1/me").json()["roles"] == before


def test_who_holds_no_role_holds_none(ada: Person) -> None:
    Grant.objects.filter(person=ada).delete()
    assert phone_of(ada).get("/api/v1/me").json()["roles"] == []


def test_what_a_process_remembers_has_an_end(
    phone: APIClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_MOST", len(sessions.seen))
    assert me(phone_of(ada)) == ada.name
    assert len(sessions.seen) == 1
    assert me(phone) == ada.name
