from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Grant, Person, Role, StepUp
from accounts.roles import END, GRANT, end_hash, grant_hash
from accounts.selectors import roles_of
from accounts.services.end_grant import end_grant
from accounts.services.grant_role import grant_role
from attest.errors import DutiesClash
from ledger.models import Outbox
from tests.authenticator import SoftAuthenticator
from tests.conftest import NOON, phone_of


def give(person: Person, role: Role, **said: Any) -> Grant:
    return grant_role(person, **({"role": role, "by": None, "since": NOON, "now": NOON} | said))


def test_a_role_is_granted_and_leaves_a_leaf(ada: Person, olga: Person) -> None:
    give(ada, Role.APPROVER, by=olga)

    assert roles_of(ada, at=NOON) == {"traveller", "approver"}
    said = json.loads(bytes(Outbox.objects.get().entry))
    assert (said["what"], said["name"]) == ("roles", "granted")


def test_an_auditor_is_appointed_for_ninety_days_at_most(ada: Person) -> None:
    asked = give(ada, Role.AUDITOR, until=NOON + timedelta(days=400))

    assert asked.until == NOON + timedelta(days=90)
    shorter = give(ada, Role.AUDITOR, until=NOON + timedelta(days=7))
    assert shorter.until == NOON + timedelta(days=7)


def test_the_clerk_cannot_be_the_auditor(felix: Person, iris: Person) -> None:
    with pytest.raises(DutiesClash):
        give(felix, Role.AUDITOR)
    with pytest.raises(DutiesClash):
        give(iris, Role.CLERK)


def test_the_duties_of_one_year_may_follow_those_of_another(iris: Person) -> None:
    after = NOON + timedelta(days=61)

    assert give(iris, Role.CLERK, since=after).since == after


def test_a_duty_to_come_clashes_as_well(ada: Person) -> None:
    give(ada, Role.CLERK, since=NOON + timedelta(days=10))

    with pytest.raises(DutiesClash):
        give(ada, Role.AUDITOR)


def test_nobody_grants_themselves(olga: Person) -> None:
    with pytest.raises(DutiesClash):
        give(olga, Role.CLERK, by=olga)


def test_an_ended_role_is_over_and_ends_once(felix: Person, olga: Person) -> None:
    grant = Grant.objects.get(person=felix, role=Role.CLERK)

    end_grant(grant, by=olga, now=NOON)
    end_grant(grant, by=olga, now=NOON + timedelta(days=1))

    assert roles_of(felix, at=NOON) == {"traveller"}
    assert Grant.objects.get(pk=grant.pk).until == NOON
    assert Outbox.objects.count() == 1


def test_a_role_that_was_to_come_never_comes(ada: Person, olga: Person) -> None:
    later = NOON + timedelta(days=5)
    grant = give(ada, Role.APPROVER, since=later)

    end_grant(grant, by=olga, now=NOON)
    assert roles_of(ada, at=later) == {"traveller"}


def ask(by: Person, person: Person, role: str, /, **said: Any) -> Any:
    key = SoftAuthenticator(by).enrol()
    signed = key.step_up(action=GRANT, batch_hash=grant_hash(person, role))
    body = {"person": str(person.uid), "role": role, "step_up": signed} | said
    return phone_of(by).post("/api/v1/grants", body, format="json")


def test_an_administrator_grants_with_a_signature_over_role_and_person(
    ada: Person, olga: Person
) -> None:
    answer = ask(olga, ada, "approver")

    assert answer.status_code == 201
    assert Grant.objects.get(person=ada, role="approver").granted_by == olga


def test_a_signature_for_one_role_grants_no_other(ada: Person, olga: Person) -> None:
    assert ask(olga, ada, "approver", role="clerk").status_code == 409
    assert not Grant.objects.filter(person=ada, role="clerk").exists()


def test_without_a_signature_nothing_is_granted(ada: Person, olga: Person) -> None:
    assert ask(olga, ada, "clerk", step_up={}).status_code == 403


def test_a_refused_grant_leaves_the_signature_unused(iris: Person, olga: Person) -> None:
    answer = ask(olga, iris, "clerk")

    assert answer.status_code == 409
    assert answer.json()["code"] == "person.duties-clash"
    assert StepUp.objects.get().used_at is None
    assert Outbox.objects.count() == 1  # her passkey alone


def test_the_office_is_administered_by_its_own_people(ada: Person, olga: Person, hall: Any) -> None:
    stranger = Person.objects.get(pk=ada.pk)
    elsewhere = type(hall).objects.create(name="다른시청")
    Person.objects.filter(pk=ada.pk).update(organisation=elsewhere)

    assert ask(olga, stranger, "approver").status_code == 404


@pytest.mark.parametrize("name", ["mallory", "bora", "felix", "iris"])
def test_nobody_else_grants(name: str, ada: Person, request: pytest.FixtureRequest) -> None:
    assert ask(request.getfixturevalue(name), ada, "clerk").status_code == 403


def test_the_page_reviews_before_it_signs(ada: Person, olga: Person) -> None:
    desk, key = phone_of(olga), SoftAuthenticator(olga).enrol()
    where = f"/manage/people/{ada.uid}/grants/"

    review = desk.post(where, {"role": "approver"})
    assert review.status_code == 200
    assert not Grant.objects.filter(person=ada, role="approver").exists()

    signed = key.step_up(action=GRANT, batch_hash=grant_hash(ada, "approver"))
    desk.post(where, {"role": "approver", "step_up": json.dumps(signed)})
    grant = Grant.objects.get(person=ada, role="approver")

    ending = f"/manage/grants/{grant.uid}/end/"
    assert desk.get(ending).status_code == 200
    assert desk.post(ending, {"step_up": ""}).status_code == 403
    signed = key.step_up(action=END, batch_hash=end_hash(grant))
    desk.post(ending, {"step_up": json.dumps(signed)})
    grant.refresh_from_db()
    assert grant.until
    assert grant.until <= timezone.now()


def test_an_administrator_does_not_end_their_own_role(olga: Person) -> None:
    own = Grant.objects.get(person=olga)

    assert phone_of(olga).get(f"/manage/grants/{own.uid}/end/").status_code == 404
