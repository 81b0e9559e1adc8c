"""Batches on their pages, without script, and as they are read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from accounts.passkeys import unb64
from ledger.models import AccessSubject
from settlement.models import Batch, Hold, Settlement
from tests.conftest import phone_of
from tests.settlement.desk import (
    EVENING,
    add,
    batch_of,
    names,
    pay,
    sign,
)
from trips.models import Trip

# -- pages -----------------------------------------------------------------------------


def page(clerk: Person) -> Client:
    desk = Client()
    desk.force_login(clerk, backend="accounts.backends.NumberBackend")
    return desk


def test_the_pages_do_all_of_it_without_script(
    felix: Person, ada: Person, payable: Trip, second: Trip
) -> None:
    desk = page(felix)
    for trip in (payable, second):
        opened = desk.post("/settlement/batches/", {"trip": str(trip.uid)})
    batch = Batch.objects.get()
    where = f"/settlement/batches/{batch.uid}/"
    assert opened["Location"] == where
    shown = desk.get(where)
    assert names("ada", shown)
    assert "30,000원" in shown.content.decode()
    assert AccessSubject.objects.filter(person=ada, access__action="batch").exists()

    desk.post(where, {"remove": [str(second.uid)]})
    batch.refresh_from_db()
    signed = json.dumps(sign(felix, bytes(batch.hash or b"")))
    desk.post(f"{where}settlement/", {"step_up": signed})

    assert Settlement.objects.get().trip == payable
    assert "20,000원" in desk.get(where).content.decode()


@pytest.mark.parametrize("signed", ["", "changed"])
def test_the_page_asks_again_when_the_signature_does_not_fit(
    felix: Person, payable: Trip, second: Trip, signed: str
) -> None:
    batch = batch_of(felix, payable)
    old = json.dumps(sign(felix, bytes(batch.hash or b"")))
    add(felix, second)
    desk = page(felix)

    answer = desk.post(
        f"/settlement/batches/{batch.uid}/settlement/",
        {"step_up": {"": "", "changed": old}[signed]},
        follow=True,
    )

    assert answer.status_code == 200
    words = {"": "패스키", "changed": "묶음이 바뀌었습니다"}[signed]
    assert words in answer.content.decode()
    assert not Settlement.objects.exists()


def test_a_page_of_what_is_not_a_trip_leads_back(felix: Person, db: None) -> None:
    answer = page(felix).post("/settlement/batches/", {"trip": "x"})

    assert (answer.status_code, answer["Location"]) == (302, "/settlement/scan/")


def test_the_page_over_the_limit_says_so(felix: Person, payable: Trip, settings: Any) -> None:
    settings.BATCH_LIMIT_WON = 10_000
    batch = batch_of(felix, payable)

    shown = page(felix).get(f"/settlement/batches/{batch.uid}/").content.decode()

    assert "10,000원" in shown
    assert "<step-up" in shown


def test_a_refused_row_says_why_on_the_receipt(felix: Person, payable: Trip, second: Trip) -> None:
    batch = batch_of(felix, payable, second)
    Hold.objects.create(trip=payable, reason_code="claim.appeal-open", at=EVENING, by=felix)
    pay(felix, batch)

    shown = page(felix).get(f"/settlement/batches/{batch.uid}/").content.decode()

    assert "지급할 수 없게 됨" in shown
    assert "10,000원" in shown


def test_a_hash_reads_back_as_it_was_written(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    said = phone_of(felix).get(f"/api/v1/batches/{batch.uid}").json()

    assert unb64(said["hash"]) == bytes(batch.hash or b"")
