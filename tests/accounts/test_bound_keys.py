"""T6: clerk, auditor and administrator sign with a key that stays on one device."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Device, Grant, Person, Role
from accounts.passkeys import unb64
from accounts.services.grant_role import grant_role
from attest.errors import KeyNotBound
from tests.authenticator import SoftAuthenticator
from tests.conftest import NOON, phone_of

POWERFUL = [Role.CLERK, Role.AUDITOR, Role.ADMINISTRATOR]


def enrol(person: Person, key: SoftAuthenticator) -> Any:
    phone = phone_of(person)
    challenge = unb64(phone.post("/api/v1/devices/options").json()["challenge"])
    body = {"name": "a", **key.register(challenge)}
    return phone.post("/api/v1/devices", body, format="json")


@pytest.mark.parametrize("name", ["felix", "iris", "olga"])
def test_a_synced_passkey_is_not_for_who_pays_proves_or_administers(
    name: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(name)
    answer = enrol(person, SoftAuthenticator(person, synced=True))

    assert (answer.status_code, answer.json()["code"]) == (403, "device.not-bound")
    assert not Device.objects.exists()
    assert enrol(person, SoftAuthenticator(person)).status_code == 201


@pytest.mark.parametrize("name", ["ada", "bora"])
def test_travellers_and_approvers_may_use_one(name: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(name)

    assert enrol(person, SoftAuthenticator(person, synced=True)).status_code == 201


@pytest.mark.parametrize("role", POWERFUL)
def test_who_signs_with_one_gets_no_such_duty(role: Role, ada: Person, olga: Person) -> None:
    key = SoftAuthenticator(ada, synced=True).enrol(now=NOON)
    before = Grant.objects.count()

    with pytest.raises(KeyNotBound):
        grant_role(ada, role=role, by=olga, since=NOON, now=NOON)
    assert Grant.objects.count() == before

    Device.objects.filter(pk=key.device.pk).update(state="revoked")
    assert grant_role(ada, role=role, by=olga, since=NOON, now=NOON).person == ada


def test_a_duty_to_come_counts_as_one(ada: Person, olga: Person) -> None:
    later = NOON + timedelta(days=3_650)
    grant_role(ada, role=Role.CLERK, by=olga, since=later, now=NOON)

    assert enrol(ada, SoftAuthenticator(ada, synced=True)).status_code == 403


def test_a_duty_that_ended_does_not(felix: Person) -> None:
    Grant.objects.filter(person=felix, role="clerk").update(until=NOON)

    assert enrol(felix, SoftAuthenticator(felix, synced=True)).status_code == 201


def test_a_demonstration_takes_them_all(felix: Person, ada: Person, settings: Any) -> None:
    settings.DEMO = True
    SoftAuthenticator(ada, synced=True).enrol(now=NOON)

    assert enrol(felix, SoftAuthenticator(felix, synced=True)).status_code == 201
    assert grant_role(ada, role=Role.CLERK, by=None, since=NOON, now=NOON).person == ada
