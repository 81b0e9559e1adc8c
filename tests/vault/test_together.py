"""What is written within one block comes to be at its end, whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import Department, Grant, Person
from tests.conftest import NOON
from trips.models import Challenge, Serial
from vault.together import Overtaken, claim, insert, send, together, update


def grant(person: Person, **said: Any) -> Grant:
    return Grant(person=person, role="clerk", since=NOON, **said)


def asked(person: Person) -> Challenge:
    return Challenge.objects.create(person=person, issued_at=NOON, life_s=600)


def test_rows_changes_and_a_claim_are_one_statement_where_the_database_can(
    ada: Person, bora: Person
) -> None:
    challenge = asked(ada)
    challenge.used_at, ada.language = NOON, "en"
    grants = [grant(ada), grant(bora)]

    with CaptureQueriesContext(connection) as captured, together():
        claim(challenge, "used_at")
        insert(*grants)
        update(ada, "language")
        assert len(captured) == 0

    assert len(captured) == {"postgresql": 1, "sqlite": 3}[connection.vendor]
    assert [Grant.objects.get(pk=one.pk).person for one in grants] == [ada, bora]
    assert Challenge.objects.get(pk=challenge.pk).used_at == NOON
    assert Person.objects.get(pk=ada.pk).language == "en"


def test_a_row_points_to_one_that_has_no_key_yet(ada: Person) -> None:
    above = Department(organisation=ada.organisation, name="위")
    below = Department(organisation=ada.organisation, name="아래", parent=above)

    with together():
        insert(above)
        insert(below)

    assert below.parent_id == above.pk
    assert Department.objects.get(pk=below.pk).parent == above


def test_nobody_points_to_one_of_several(ada: Person) -> None:
    two = [Department(organisation=ada.organisation, name=name) for name in ("가", "나")]

    def written() -> None:
        with together():
            insert(*two)
            insert(Department(organisation=ada.organisation, name="다", parent=two[1]))

    with pytest.raises(ValueError, match="written alone"):
        written()

    assert not Department.objects.filter(name__in="가나다").exists()


def test_who_comes_second_is_overtaken_and_writes_nothing(ada: Person) -> None:
    challenge = asked(ada)
    Challenge.objects.update(used_at=NOON)
    challenge.used_at = NOON

    def used() -> None:
        with transaction.atomic(), together():
            claim(challenge, "used_at")
            insert(grant(ada))

    with pytest.raises(Overtaken):
        used()

    assert not Grant.objects.filter(person=ada, role="clerk").exists()


def test_what_the_table_forbids_refuses_all_of_it(ada: Person, bora: Person) -> None:
    def granted() -> None:
        with transaction.atomic(), together():
            insert(grant(bora))
            insert(grant(ada, granted_by=ada))

    with pytest.raises(IntegrityError):
        granted()

    assert not Grant.objects.filter(role="clerk", person__in=[ada, bora]).exists()


def test_an_error_within_the_block_sends_nothing(ada: Person) -> None:
    def broken() -> None:
        with together():
            insert(grant(ada))
            raise ZeroDivisionError

    with CaptureQueriesContext(connection) as captured, pytest.raises(ZeroDivisionError):
        broken()
    assert len(captured) == 0


def test_a_row_that_changes_twice_ends_as_it_was_left(ada: Person) -> None:
    with together():
        ada.language = "en"
        update(ada, "language")
        ada.language = "ko"
        update(ada, "language")

    assert Person.objects.get(pk=ada.pk).language == "ko"


def test_a_key_that_is_no_number_comes_back_too(ada: Person) -> None:
    row = Serial(year=2099, last=7)

    with together():
        insert(row)
        insert(grant(ada))

    assert Serial.objects.get(pk=row.pk).last == 7


def test_a_block_within_a_block_waits_for_the_outer_one(ada: Person) -> None:
    with CaptureQueriesContext(connection) as captured, together():
        with together():
            insert(grant(ada))
        assert len(captured) == 0
        send()
        assert len(captured) == 1
    assert len(captured) == 1


def test_it_is_one_transaction(ada: Person) -> None:
    with pytest.MonkeyPatch.context() as outside:
        outside.setattr(connections["default"], "in_atomic_block", False)
        with pytest.raises(TransactionManagementError), together():
            insert(grant(ada))
