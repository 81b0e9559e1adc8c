"""The promise of the log: signed at each touch, the same when asked again, and kept."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Person
from attest.errors import NoteRefused
from attest.log.proof import TlogProof, open_receipt, verify_proof
from attest.log.trust import Trust
from ledger.models import Leaf, Outbox
from tests.conftest import phone_of
from tests.trips.touches import Phone
from trips.models import CheckIn, Trip


@pytest.fixture
def trust() -> Trust:
    out = StringIO()
    call_command("ledger_trust", stdout=out)
    return Trust.parse(out.getvalue())


def test_each_touch_is_promised_its_place_in_the_log(
    phone: Phone, trip: Trip, trust: Trust
) -> None:
    said = phone.touch(trip).json()

    receipt = open_receipt(said["log_receipt"], trust)
    touch = CheckIn.objects.get(uid=said["id"])
    assert receipt.leaf_hash == bytes(touch.leaf_hash)
    assert receipt.at == touch.recorded_at
    assert receipt.merge_by - receipt.at == timedelta(hours=1)


def test_the_promised_time_is_that_of_the_leaf(phone: Phone, trip: Trip, trust: Trust) -> None:
    receipt = open_receipt(phone.touch(trip).json()["log_receipt"], trust)
    entries = [
        *Leaf.objects.filter(leaf_hash=receipt.leaf_hash).values_list("entry", flat=True),
        *Outbox.objects.filter(leaf_hash=receipt.leaf_hash).values_list("entry", flat=True),
    ]
    at = json.loads(bytes(entries[0]))["at"]

    assert at == receipt.text().split("\n")[3]


def test_asked_again_it_is_the_same_to_the_byte(phone: Phone, trip: Trip) -> None:
    said = phone.touch(trip).json()
    answer = phone.api.get(f"/api/v1/check-ins/{said['id']}/log-receipt")

    assert answer.content.decode() == said["log_receipt"]
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="log-receipt-')
    assert answer["Cache-Control"] == "no-store"


def test_the_promise_is_kept(phone: Phone, trip: Trip, trust: Trust) -> None:
    receipt = open_receipt(phone.touch(trip).json()["log_receipt"], trust)
    proof = phone.api.get("/log/proof", {"leaf": receipt.leaf_hash.hex()}).content.decode()

    checkpoint, _ = verify_proof(TlogProof.parse(proof), receipt.leaf_hash, trust)
    assert checkpoint.size == Leaf.objects.count()


def test_it_holds_no_name_and_no_place(phone: Phone, trip: Trip) -> None:
    text = phone.touch(trip).json()["log_receipt"]

    assert "ada" not in text
    assert "35253" not in text


def test_a_promise_altered_by_one_letter_does_not_hold(
    phone: Phone, trip: Trip, trust: Trust
) -> None:
    text = phone.touch(trip).json()["log_receipt"]
    year = text.replace("\n2026-", "\n2025-").replace("\n2027-", "\n2026-")

    with pytest.raises(NoteRefused):
        open_receipt(year, trust)


@pytest.mark.parametrize("name", ["mallory", "bora", "felix", "iris"])
def test_it_is_its_travellers_alone(
    phone: Phone, trip: Trip, name: str, request: pytest.FixtureRequest
) -> None:
    other: Person = request.getfixturevalue(name)
    touch = phone.touch(trip).json()["id"]

    assert phone_of(other).get(f"/api/v1/check-ins/{touch}/log-receipt").status_code == 404
