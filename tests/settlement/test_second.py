"""What one person may not settle alone waits, as it was signed, for a second clerk."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import ApprovalPair, Person
from accounts.passkeys import unb64
from attest.errors import NotPayable
from settlement.models import Batch, Hold, Settlement
from tests.conftest import phone_of
from tests.settlement.desk import EVENING, batch_of, made_clerk, pay, sign
from trips.models import Trip


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.BATCH_LIMIT_WON = 10_000


@pytest.fixture
def waiting(felix: Person, payable: Trip) -> Batch:
    batch = batch_of(felix, payable)
    assert pay(felix, batch).json()["state"] == "waiting"
    return Batch.objects.get(pk=batch.pk)


def agree(clerk: Person, batch: Batch, **said: Any) -> Any:
    where, desk = f"/api/v1/batches/{batch.uid}", phone_of(clerk)
    signed = said.get("step_up") or sign(clerk, unb64(desk.get(where).json()["hash"]))
    return desk.post(f"{where}/second", {"step_up": signed}, format="json")


def test_the_first_signature_pays_nothing_and_the_second_pays_once(
    waiting: Batch, felix: Person, flora: Person
) -> None:
    assert not Settlement.objects.exists()

    done, again = agree(flora, waiting), agree(flora, waiting)

    assert (done.status_code, done.json()["state"]) == (200, "settled")
    assert (again.status_code, again.json()["code"]) == (409, "batch.settled")
    paid = Settlement.objects.get()
    assert (paid.clerk, paid.total) == (felix, 20_000)
    pair = ApprovalPair.objects.get(about=f"settle:{waiting.uid}")
    assert (pair.maker, pair.checker) == (felix, flora)


def test_nobody_is_second_to_themselves(waiting: Batch, felix: Person) -> None:
    answer = agree(felix, waiting)

    assert (answer.status_code, answer.json()["code"]) == (409, "second.own")
    assert not Settlement.objects.exists()


@pytest.mark.parametrize("who", ["ada", "bora"])
def test_who_travelled_or_approved_is_no_second(
    who: str, waiting: Batch, request: pytest.FixtureRequest
) -> None:
    answer = agree(made_clerk(request.getfixturevalue(who)), waiting)

    assert answer.status_code == 403
    assert not Settlement.objects.exists()


def test_the_first_clerks_signature_does_not_serve_the_second(
    waiting: Batch, felix: Person, flora: Person
) -> None:
    borrowed = sign(felix, bytes(waiting.hash or b""))

    assert agree(flora, waiting, step_up=borrowed).json()["code"] == "step-up.refused"
    assert not Settlement.objects.exists()


def test_rows_that_changed_in_the_database_are_not_what_was_signed(
    waiting: Batch, flora: Person
) -> None:
    waiting.trips.update(won=19_999)

    answer = agree(flora, waiting)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert not Settlement.objects.exists()


def test_a_batch_that_waits_is_not_settled_by_the_first_again(
    waiting: Batch, felix: Person
) -> None:
    assert pay(felix, waiting).status_code == 409


def test_what_waits_can_be_given_up_and_laid_anew(
    waiting: Batch, felix: Person, flora: Person, payable: Trip
) -> None:
    gone = phone_of(felix).delete(f"/api/v1/batches/{waiting.uid}")
    late = agree(flora, waiting)

    assert (gone.json()["state"], late.status_code) == ("dropped", 409)
    anew = batch_of(felix, payable)
    pay(felix, anew)
    assert agree(flora, anew).json()["state"] == "settled"
    assert Settlement.objects.count() == 1


def test_another_clerk_gives_up_nobodys_batch(waiting: Batch, flora: Person) -> None:
    assert phone_of(flora).delete(f"/api/v1/batches/{waiting.uid}").status_code == 409


def test_what_two_had_to_look_at_waits_for_two_however_small(
    felix: Person, flora: Person, payable: Trip, settings: Any
) -> None:
    settings.BATCH_LIMIT_WON = 10_000_000
    Hold.objects.create(
        trip=payable,
        reason_code="evidence.review",
        resolution_code="two-person-review",
        state="resolved",
        blocking=False,
        at=EVENING,
        by=felix,
    )

    assert pay(felix, batch_of(felix, payable)).json()["state"] == "waiting"


@pytest.mark.parametrize("code", ["duplicate-left-out", "referred"])
def test_what_was_left_out_or_referred_is_not_paid(felix: Person, payable: Trip, code: str) -> None:
    Hold.objects.create(
        trip=payable,
        reason_code="trip.duplicate",
        resolution_code=code,
        state="resolved",
        at=EVENING,
        by=felix,
    )

    with pytest.raises(NotPayable, match=r"trip\.duplicate"):
        batch_of(felix, payable)


def test_the_pages_of_first_and_second_say_whose_turn_it_is(
    waiting: Batch, felix: Person, flora: Person
) -> None:
    where = f"/settlement/batches/{waiting.uid}/"

    first = phone_of(felix).get(where).content.decode()
    second = phone_of(flora).get(where).content.decode()

    assert "<step-up" not in first
    assert f"{where}second/" in second
    signed = sign(flora, bytes(waiting.hash or b""))
    phone_of(flora).post(f"{where}second/", {"step_up": json.dumps(signed)})
    assert Settlement.objects.count() == 1
