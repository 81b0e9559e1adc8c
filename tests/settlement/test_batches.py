"""A batch: laid together, signed as it stands, settled row by row."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Person, Place, StepUp
from accounts.step_up import encoded
from settlement.models import Batch, BatchRow, Settlement
from tests.clock import Clock
from tests.conftest import NOON, SITE, phone_of, place
from tests.settlement.desk import (
    EVENING,
    add,
    batch_of,
    confirmed,
    made_clerk,
    names,
    ordered,
    pay,
    sign,
    travelled,
)
from trips.models import State, Trip


def change(clerk: Person, batch: str, **said: Any) -> Any:
    return phone_of(clerk).patch(f"/api/v1/batches/{batch}", said, format="json")


# -- filling ---------------------------------------------------------------------------


def test_the_first_trip_opens_a_batch_and_the_next_joins_it(
    felix: Person, payable: Trip, second: Trip
) -> None:
    opened = add(felix, payable)
    joined = add(felix, second)

    assert (opened.status_code, joined.status_code) == (201, 200)
    assert opened.json()["id"] == joined.json()["id"]
    assert (joined.json()["count"], joined.json()["total"]) == (2, 30_000)
    assert [row["number"] for row in joined.json()["rows"]] == [payable.number, second.number]
    assert Batch.objects.get().clerk == felix


def test_a_batch_names_nobody(felix: Person, payable: Trip) -> None:
    said = add(felix, payable)

    assert not names("ada", said)


def test_the_hash_is_over_the_sorted_rows(felix: Person, payable: Trip, second: Trip) -> None:
    said = add(felix, payable, second).json()

    lines = sorted([f"{payable.uid} 20000\n", f"{second.uid} 10000\n"])
    assert said["hash"] == encoded(sha256("".join(lines).encode()).digest())


def test_the_hash_changes_with_every_row(felix: Person, payable: Trip, second: Trip) -> None:
    one = add(felix, payable).json()
    two = add(felix, second).json()
    again = change(felix, one["id"], remove=[str(second.uid)]).json()
    none = change(felix, one["id"], remove=[str(payable.uid)]).json()

    assert len({one["hash"], two["hash"], none["hash"]}) == 3
    assert again["hash"] == one["hash"]
    assert (none["count"], none["total"], none["rows"]) == (0, 0, [])


def test_the_same_trip_lies_once_in_a_batch(felix: Person, payable: Trip) -> None:
    add(felix, payable)
    again = add(felix, payable)

    assert again.json()["count"] == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchRow.objects.create(batch=Batch.objects.get(), trip=payable, won=1)


def test_all_of_a_change_or_none(
    felix: Person, payable: Trip, ada: Person, bora: Person, site: Place
) -> None:
    unready = travelled(ordered(ada, bora, site, starts_at=NOON - timedelta(days=1)))

    answer = add(felix, payable, unready)

    assert (answer.status_code, answer.json()["code"]) == (409, "settlement.not-payable")
    assert not BatchRow.objects.exists()


def test_a_trip_nobody_knows_cannot_be_added(felix: Person, db: None) -> None:
    answer = phone_of(felix).post("/api/v1/batches", {"add": [str(uuid4())]}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "settlement.not-payable")


def test_a_settled_trip_cannot_be_added_again(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))

    assert add(felix, payable).json()["code"] == "settlement.not-payable"


def test_an_out_of_area_trip_cannot_be_added(
    felix: Person, ada: Person, bora: Person, hall: Any, site: Place
) -> None:
    trip = confirmed(ada, bora, place(hall, "부산시청", SITE, unit="26470"))

    assert add(felix, trip).json()["code"] == "settlement.not-payable"


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_cannot_add_it(
    own: str, payable: Trip, request: pytest.FixtureRequest
) -> None:
    clerk = made_clerk(request.getfixturevalue(own))

    answer = add(clerk, payable)

    assert (answer.status_code, answer.json()["code"]) == (409, "settlement.not-payable")


@pytest.mark.parametrize(
    "said", [{"add": "x"}, {"add": ["x"]}, {"add": {}}, {"add": [str(uuid4())] * 501}]
)
def test_another_shape_is_refused(felix: Person, db: None, said: Any) -> None:
    answer = phone_of(felix).post("/api/v1/batches", said, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")


# -- one clerk's batch -----------------------------------------------------------------


def test_another_clerk_sees_a_batch_and_changes_nothing(
    felix: Person, flora: Person, payable: Trip, second: Trip
) -> None:
    batch = add(felix, payable).json()

    assert phone_of(flora).get(f"/api/v1/batches/{batch['id']}").status_code == 200
    answer = change(flora, batch["id"], add=[str(second.uid)])
    assert (answer.status_code, answer.json()["code"]) == (409, "batch.foreign")
    assert BatchRow.objects.count() == 1


def test_another_clerk_does_not_settle_it(felix: Person, flora: Person, payable: Trip) -> None:
    answer = pay(flora, batch_of(felix, payable))

    assert (answer.status_code, answer.json()["code"]) == (409, "batch.foreign")
    assert not Settlement.objects.exists()


def test_a_settled_batch_is_closed(felix: Person, payable: Trip, second: Trip) -> None:
    batch = batch_of(felix, payable)
    pay(felix, batch)

    assert change(felix, str(batch.uid), add=[str(second.uid)]).status_code == 409
    assert pay(felix, batch).status_code == 409
    assert add(felix, second).json()["id"] != str(batch.uid)


# -- signed over exactly this list -----------------------------------------------------


def test_a_signed_batch_is_settled(felix: Person, payable: Trip, second: Trip) -> None:
    said = pay(felix, batch_of(felix, payable, second))

    assert said.status_code == 200
    assert (said.json()["state"], said.json()["total"]) == ("settled", 30_000)
    assert all(row["settlement"] and not row["refused"] for row in said.json()["rows"])
    assert set(Trip.objects.values_list("state", flat=True)) == {State.SETTLED}
    assert StepUp.objects.get().used_at == EVENING


def test_a_batch_that_changed_after_the_signature_is_refused(
    felix: Person, payable: Trip, second: Trip
) -> None:
    batch = batch_of(felix, payable)
    signed = phone_of(felix).get(f"/api/v1/batches/{batch.uid}").json()["hash"]
    add(felix, second)

    answer = pay(felix, batch, as_signed=signed)

    assert answer.status_code == 409
    assert answer.json() == {
        "code": "step-up.batch-changed",
        "detail": "묶음이 바뀌었습니다. 다시 확인해 주십시오.",
    }
    assert not Settlement.objects.exists()
    assert StepUp.objects.get().used_at is None


def test_a_sum_changed_behind_the_batch_is_noticed(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    BatchRow.objects.update(won=10_000)

    assert pay(felix, batch).json()["code"] == "step-up.batch-changed"
    assert not Settlement.objects.exists()


def test_a_step_up_settles_one_batch_once(felix: Person, payable: Trip, second: Trip) -> None:
    batch = batch_of(felix, payable)
    signed = sign(felix, bytes(batch.hash or b""))

    assert pay(felix, batch, step_up=signed).status_code == 200
    again = pay(felix, batch_of(felix, second), step_up=signed)
    assert again.status_code in {403, 409}
    assert Settlement.objects.count() == 1


def test_a_step_up_for_another_deed_settles_nothing(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    signed = sign(felix, bytes(batch.hash or b""), action="export")

    answer = pay(felix, batch, step_up=signed)

    assert (answer.status_code, answer.json()["code"]) == (403, "step-up.refused")


def test_the_step_up_of_another_clerk_settles_nothing(
    felix: Person, flora: Person, payable: Trip
) -> None:
    batch = batch_of(felix, payable)

    answer = pay(felix, batch, step_up=sign(flora, bytes(batch.hash or b"")))

    assert (answer.status_code, answer.json()["code"]) == (403, "step-up.refused")
    assert not Settlement.objects.exists()


def test_a_step_up_of_six_minutes_ago_settles_nothing(
    felix: Person, payable: Trip, clock: Clock
) -> None:
    batch = batch_of(felix, payable)
    signed = sign(felix, bytes(batch.hash or b""))
    clock.later(minutes=6)

    assert pay(felix, batch, step_up=signed).status_code == 403


@pytest.mark.parametrize("nothing", [{}, {"step_up": {}}, {"step_up": None}, {"step_up": "x"}])
def test_without_a_signature_nothing_is_settled(
    felix: Person, payable: Trip, nothing: dict[str, Any]
) -> None:
    batch = batch_of(felix, payable)
    where = f"/api/v1/batches/{batch.uid}/settlement"

    answer = phone_of(felix).post(where, nothing, format="json")

    assert answer.status_code in {400, 403}
    assert not Settlement.objects.exists()


def test_an_empty_batch_is_not_settled(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    change(felix, str(batch.uid), remove=[str(payable.uid)])

    assert pay(felix, batch).json()["code"] == "settlement.not-payable"


def test_over_the_limit_one_person_settles_nothing(
    felix: Person, payable: Trip, second: Trip, settings: Any
) -> None:
    settings.BATCH_LIMIT_WON = 29_999
    batch = batch_of(felix, payable, second)

    answer = pay(felix, batch)

    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
    assert not Settlement.objects.exists()
    closed = change(felix, str(batch.uid), remove=[str(second.uid)])
    assert closed.status_code == 409


def test_exactly_the_limit_is_within_it(felix: Person, payable: Trip, settings: Any) -> None:
    settings.BATCH_LIMIT_WON = 20_000

    assert pay(felix, batch_of(felix, payable)).status_code == 200
