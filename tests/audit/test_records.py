"""Everybody reads what is kept of them, and takes it away; nobody reads anybody else's."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from accounts.models import Person
from audit.retaining import run
from ledger.models import Access
from tests.audit.office import content_of
from tests.clock import Clock
from tests.conftest import phone_of
from tests.settlement.desk import batch_of, pay
from trips.models import Trip

RECORDS = "/api/v1/me/records"


def records_of(person: Person) -> dict[str, Any]:
    answer = phone_of(person).get(RECORDS)
    assert answer.status_code == 200
    said: dict[str, Any] = json.loads(content_of(answer))
    return said


def sheet_of(person: Person, kind: str) -> list[list[str]]:
    raw = content_of(phone_of(person).get(f"/me/data/file/?as={kind}"))
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def test_all_of_it_is_there(ada: Person, felix: Person, payable: Trip) -> None:
    phone_of(felix).get(f"/api/v1/trips/{payable.uid}")
    said = records_of(ada)

    assert [one["kind"] for one in said["touches"]] == ["return", "arrive"]
    assert all(one["reasons"] and one["verdict"] for one in said["touches"])
    assert {one["position"] for one in said["touches"]} == {"kept"}
    assert [one["number"] for one in said["trips"]] == [payable.number]
    assert [one["name"] for one in said["accesses"]] == ["felix"]
    assert [one["answer"] for one in said["consents"]] == ["given"]
    assert len(said["devices"]) == 1


def test_a_position_is_said_to_be_kept_and_never_shown(ada: Person, payable: Trip) -> None:
    answer = phone_of(ada).get(RECORDS)

    assert b"lat" not in content_of(answer).replace(b"late", b"")
    assert b"35.25" not in content_of(phone_of(ada).get("/me/data/file/?as=csv"))


@pytest.mark.django_db(transaction=True)
def test_it_says_until_when_and_afterwards_when_it_went(
    ada: Person, felix: Person, payable: Trip, clock: Clock
) -> None:
    (before,) = records_of(ada)["trips"]
    assert before["erased_on"] == (payable.ends_at + timedelta(days=365)).isoformat()
    pay(felix, batch_of(felix, payable))
    (paid,) = records_of(ada)["trips"]
    assert paid["erased_on"] == (clock() + timedelta(days=60)).isoformat()
    run(now=clock.later(days=60))

    (after,) = records_of(ada)["trips"]
    assert (after["positions"], after["erased_on"]) == (0, None)
    assert after["erased_at"] == clock().isoformat()
    assert {one["position"] for one in records_of(ada)["touches"]} == {"erased"}


def test_nobody_reads_what_is_anothers(ada: Person, mallory: Person, payable: Trip) -> None:
    said = records_of(mallory)

    assert (said["touches"], said["trips"], said["accesses"]) == ([], [], [])


def test_reading_ones_own_leaves_no_trace(ada: Person, payable: Trip) -> None:
    before = Access.objects.count()
    records_of(ada)
    phone_of(ada).get("/me/data/")

    assert Access.objects.count() == before


def test_the_sheets_hold_a_row_each_and_no_formula(
    ada: Person, felix: Person, payable: Trip
) -> None:
    ada.name, felix.name = "ada", "=1+1"
    felix.save(update_fields=["name"])
    phone_of(felix).get(f"/api/v1/trips/{payable.uid}")

    head, *rows = sheet_of(ada, "csv")
    assert len(rows) == 2
    assert all(len(row) == len(head) for row in rows)
    head, row = sheet_of(ada, "diary")
    assert len(row) == len(head)
    assert row[1] == "'=1+1"


def test_another_kind_of_file_is_not_there(ada: Person) -> None:
    assert phone_of(ada).get("/me/data/file/?as=xml").status_code == 404
