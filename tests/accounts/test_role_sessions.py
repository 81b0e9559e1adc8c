"""A session ends when its person's roles change: by an act, or by a day that came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import Grant, Person, Role, SignIn
from accounts.services.end_grant import end_grant
from accounts.services.grant_role import grant_role
from tests.accounts.test_session_list import inside, opened, page
from tests.accounts.test_sign_in import knock

HOUR = timedelta(hours=1)


def give(person: Person, role: Role, *, by: Person | None = None, **said: Any) -> Grant:
    now = timezone.now()
    return grant_role(person, **({"role": role, "by": by, "since": now, "now": now} | said))


def take(person: Person, role: Role, *, by: Person | None = None) -> Grant:
    grant = Grant.objects.get(person=person, role=role)
    return end_grant(grant, by=by, now=timezone.now())


def anew(person: Person) -> Client:
    door = Client()
    knock(door, number=f"T-{person.name}")
    return door


@pytest.fixture
def desk(felix: Person) -> Client:
    """Where the clerk is signed in."""
    return opened(felix)


def test_a_role_that_was_taken_ends_every_session_at_once(
    desk: Client, felix: Person, olga: Person
) -> None:
    phone = anew(felix)
    assert desk.get("/settlement/scan/").status_code == 200
    take(felix, Role.CLERK, by=olga)

    assert [inside(desk), inside(phone)] == [False, False]
    assert desk.get("/settlement/scan/").status_code == 302
    assert SignIn.objects.filter(person=felix).count() == 0


def test_a_role_that_was_given_opens_nothing_to_an_old_session(ada: Person, olga: Person) -> None:
    """Whoever holds her phone unlocked does not become a clerk with her."""
    phone = opened(ada)
    give(ada, Role.CLERK, by=olga)

    assert phone.get("/settlement/scan/").status_code == 302
    assert not inside(phone)


def test_a_session_that_was_kept_elsewhere_and_put_back_opens_nothing(
    desk: Client, felix: Person, olga: Person
) -> None:
    kept = Session.objects.get(pk=desk.session.session_key)
    take(felix, Role.CLERK, by=olga)
    Session(kept.session_key, kept.session_data, kept.expire_date).save(force_insert=True)

    assert not inside(desk)
    # Nor is it there to be tried a second time.
    assert not Session.objects.filter(pk=kept.pk).exists()


def test_a_role_that_is_given_back_revives_no_session(
    desk: Client, felix: Person, olga: Person
) -> None:
    kept = Session.objects.get(pk=desk.session.session_key)
    take(felix, Role.CLERK, by=olga)
    give(felix, Role.CLERK, by=olga)
    Session(kept.session_key, kept.session_data, kept.expire_date).save(force_insert=True)

    assert not inside(desk)
    assert inside(anew(felix))


def test_a_role_that_ends_on_its_day_ends_the_session_with_it(desk: Client, felix: Person) -> None:
    clerk = Grant.objects.filter(person=felix, role=Role.CLERK)
    clerk.update(until=timezone.now() + HOUR)
    assert inside(desk)

    clerk.update(until=F("until") - HOUR)
    assert not inside(desk)


def test_a_role_to_come_ends_the_session_on_its_first_day_and_not_before(
    ada: Person, olga: Person
) -> None:
    phone = opened(ada)
    grant = give(ada, Role.CLERK, by=olga, since=timezone.now() + HOUR)
    assert inside(phone)

    Grant.objects.filter(pk=grant.pk).update(since=F("since") - HOUR)
    assert phone.get("/settlement/scan/").status_code == 302
    assert not inside(phone)


def test_a_role_that_never_came_ends_no_session(ada: Person, olga: Person) -> None:
    phone = opened(ada)
    grant = give(ada, Role.CLERK, by=olga, since=timezone.now() + HOUR)
    end_grant(grant, by=olga, now=timezone.now())

    assert inside(phone)
    assert len(page(phone)["here"]) == 1


def test_nobody_elses_session_ends(desk: Client, felix: Person, ada: Person, olga: Person) -> None:
    phone, manage = opened(ada), opened(olga)
    take(felix, Role.CLERK, by=olga)

    assert [inside(one) for one in (desk, phone, manage)] == [False, True, True]


def test_a_clerk_of_this_moment_has_no_session_as_long_as_a_travellers(
    ada: Person, olga: Person
) -> None:
    assert opened(ada).session.get_expiry_age() > 11 * 3600
    give(ada, Role.CLERK, by=olga)

    assert anew(ada).session.get_expiry_age() <= 8 * 3600


def test_a_phone_is_told_that_its_session_is_over_and_keeps_what_it_holds(
    ada: Person, olga: Person
) -> None:
    phone = opened(ada)
    give(ada, Role.APPROVER, by=olga)
    answer = phone.post("/api/v1/check-ins/challenges", {}, content_type="application/json")

    assert answer.status_code == 401
    assert answer.json()["code"] == "session.over"
