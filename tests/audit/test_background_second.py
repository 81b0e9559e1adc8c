"""A large export waits for a second auditor, who signs for just these rows."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Person
from ledger.models import Leaf
from ledger.services.sequence import sequence
from tests.audit.office import ask, made, progress, turn
from tests.clock import Clock
from tests.conftest import phone_of
from tests.settlement.desk import EVENING, sign
from trips.models import Trip

pytestmark = pytest.mark.django_db

# -- a second person -----------------------------------------------------------------------


@pytest.fixture
def bulk(iris: Person, past: list[Trip], settings: Any) -> str:
    settings.EXPORT_ROWS_ALONE = 4
    export: str = ask(iris).json()["id"]
    return export


def agree(by: Person, export: str, **said: Any) -> Any:
    signed = sign(by, bytes(made().signed), action=said.pop("action", "export-second"))
    address = f"/api/v1/exports/{export}/second"
    return phone_of(by).post(address, {"step_up": signed} | said, format="json")


def test_too_many_rows_wait_for_a_second_auditor(iris: Person, ivan: Person, bulk: str) -> None:
    assert turn() == 0
    assert progress(iris)["waits_for_second"]

    assert agree(ivan, bulk).status_code == 200
    assert turn() == 1
    assert (made().second, made().state) == (ivan, "ready")
    sequence(now=EVENING)
    entries = Leaf.objects.values_list("entry", flat=True)
    assert any(f"export-agreed {made().nonce}".encode() in bytes(one) for one in entries)


def test_as_many_rows_as_one_may_take_wait_for_nobody(
    iris: Person, past: list[Trip], settings: Any
) -> None:
    settings.EXPORT_ROWS_ALONE = 5
    ask(iris)
    assert turn() == 1


def test_nobody_is_their_own_second(iris: Person, bulk: str) -> None:
    answer = agree(iris, bulk)
    assert (answer.status_code, answer.json()["code"]) == (409, "second.own")
    assert turn() == 0


def test_a_second_signs_for_just_these_rows_and_this_deed(ivan: Person, bulk: str) -> None:
    assert agree(ivan, bulk, action="export").status_code == 403
    assert agree(ivan, bulk, step_up={}).status_code == 403
    other = sign(ivan, bytes(32), action="export-second")
    assert agree(ivan, bulk, step_up=other).json()["code"] == "step-up.batch-changed"
    assert turn() == 0


def test_a_second_agrees_once_and_not_to_what_waits_for_nobody(ivan: Person, bulk: str) -> None:
    assert agree(ivan, bulk).status_code == 200
    assert agree(ivan, bulk).status_code == 409


def test_a_second_comes_too_late_after_a_week(ivan: Person, bulk: str, clock: Clock) -> None:
    clock.later(days=7)
    assert agree(ivan, bulk).status_code == 409


def test_who_signs_for_it_reads_what_it_is_of(
    iris: Person, ivan: Person, past: list[Trip], settings: Any
) -> None:
    settings.EXPORT_ROWS_ALONE = 4
    asked = ask(iris, filters={"person": "ada", "state": "confirmed"}).json()["id"]
    shown = phone_of(ivan).get(f"/audit/exports/{asked}/").content.decode()
    assert "<step-up" in shown
    assert "<dd>ada</dd>" in shown
    assert "<dd>결재 완료</dd>" in shown

    first = phone_of(iris)
    first.post("/audit/trips/", {"person": "ada"})
    assert "<dd>ada</dd>" in first.get("/audit/exports/new/").content.decode()


def test_the_page_asks_the_other_auditor_and_not_the_first(
    iris: Person, ivan: Person, bulk: str
) -> None:
    here = f"/audit/exports/{bulk}/"
    assert "<step-up" in phone_of(ivan).get(here).content.decode()
    assert "<step-up" not in phone_of(iris).get(here).content.decode()
