"""A row of a batch is paid or left out, and the database itself says whose it must not be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Person
from ledger.models import TripHead
from settlement.models import Batch, Hold, Settlement
from tests.conftest import NOON
from tests.settlement.desk import (
    EVENING,
    batch_of,
    pay,
)
from trips.models import State, Trip

# -- nobody pays their own, and the database says so -----------------------------------


def paid_by(clerk: Person, trip: Trip, **other: Any) -> Settlement:
    """A settlement as somebody with a database console would write it."""
    batch = Batch.objects.create(organisation=clerk.organisation, clerk=clerk, opened_at=EVENING)
    said: dict[str, Any] = {
        "trip": trip,
        "batch": batch,
        "clerk": clerk,
        "approver": trip.approver,
        "traveller": trip.traveller,
        "claim": {},
        "result": {},
        "rule_digest": "",
        "total": 20_000,
        "settled_at": EVENING,
        "leaf_n": 9,
        "leaf_hash": bytes(32),
    }
    return Settlement.objects.create(**(said | other))


@pytest.mark.parametrize(
    ("own", "promise"),
    [("ada", "nobody_pays_themselves"), ("bora", "nobody_pays_what_they_approved")],
)
def test_the_database_refuses_a_clerk_who_travelled_or_approved(
    own: str, promise: str, payable: Trip, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(IntegrityError, match=promise), transaction.atomic():
        paid_by(request.getfixturevalue(own), payable)


def test_the_database_pays_a_trip_once(felix: Person, flora: Person, payable: Trip) -> None:
    paid_by(felix, payable)

    with pytest.raises(IntegrityError), transaction.atomic():
        paid_by(flora, payable)
    Settlement.objects.update(voided_at=EVENING)
    assert paid_by(flora, payable).pk


def test_the_database_pays_nobody_less_than_nothing(felix: Person, payable: Trip) -> None:
    with pytest.raises(IntegrityError, match="less_than_nothing"), transaction.atomic():
        paid_by(felix, payable, total=-1)


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_a_row_that_became_ones_own_is_left_out(
    own: str, felix: Person, payable: Trip, second: Trip, request: pytest.FixtureRequest
) -> None:
    """Laid in while it was somebody else's; found out when it is paid."""
    batch = batch_of(felix, payable, second)
    field = {"ada": "traveller", "bora": "approver"}[own]
    Trip.objects.filter(pk=payable.pk).update(**{field: felix})

    said = pay(felix, batch).json()

    assert {row["number"]: row["refused"] for row in said["rows"]} == {
        payable.number: "settlement.not-payable",
        second.number: "",
    }


# -- partly ----------------------------------------------------------------------------


def test_a_row_that_cannot_be_paid_is_left_out_alone(
    felix: Person, payable: Trip, second: Trip
) -> None:
    batch = batch_of(felix, payable, second)
    Hold.objects.create(trip=payable, reason_code="claim.appeal-open", at=EVENING, by=felix)

    said = pay(felix, batch).json()

    refused, paid = said["rows"]
    assert (refused["refused"], refused["settlement"]) == ("settlement.not-payable", None)
    assert paid["settlement"] == str(Settlement.objects.get().uid)
    assert Settlement.objects.get().trip == second
    assert [t.state for t in Trip.objects.order_by("pk")] == [State.CONFIRMED, State.SETTLED]


def test_a_row_whose_sum_changed_is_left_out(felix: Person, payable: Trip, second: Trip) -> None:
    batch = batch_of(felix, payable, second)
    Trip.objects.filter(pk=payable.pk).update(ends_at=NOON + timedelta(hours=2))

    said = pay(felix, batch).json()

    assert [row["refused"] for row in said["rows"]] == ["step-up.batch-changed", ""]


def test_a_row_paid_elsewhere_meanwhile_is_left_out(
    felix: Person, flora: Person, payable: Trip, second: Trip
) -> None:
    batch = batch_of(felix, payable, second)
    pay(flora, batch_of(flora, payable))

    said = pay(felix, batch).json()

    assert [row["refused"] for row in said["rows"]] == ["settlement.already", ""]
    assert Settlement.objects.filter(trip=payable).count() == 1


def test_none_is_half_settled(felix: Person, payable: Trip, second: Trip) -> None:
    """What breaks while a row is written takes all of that row with it, and no other."""
    batch = batch_of(felix, payable, second)
    paid_by(felix, payable, voided_at=None)
    lines = payable.line
    before = bytes(head_of(lines.log_id).leaf_hash)

    said = pay(felix, batch).json()

    assert [row["refused"] for row in said["rows"]] == ["settlement.already", ""]
    payable.refresh_from_db()
    assert payable.state == State.CONFIRMED
    assert bytes(head_of(lines.log_id).leaf_hash) == before


def head_of(log_id: str) -> TripHead:
    return TripHead.objects.get(pk=log_id)
