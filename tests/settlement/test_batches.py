"""A batch: laid together, signed as it stands, settled row by row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person, Place, StepUp
from accounts.passkeys import unb64
from accounts.step_up import encoded
from attest.errors import NotPayable
from ledger.models import AccessSubject, TripHead
from settlement import laying
from settlement.laying import payable_in
from settlement.models import Batch, BatchRow, Hold, Settlement
from settlement.paying_out import pay_rows
from settlement.selectors import may_settle, settleable_by
from settlement.services.fill_batch import fill_batch
from settlement.services.open_batch import open_batch
from tests.clock import Clock
from tests.conftest import NOON, SITE, phone_of, place
from tests.settlement.desk import (
    EVENING,
    batch_of,
    confirmed,
    made_clerk,
    names,
    ordered,
    pay,
    sign,
    travelled,
    uids,
)
from trips.models import Decision, State, Trip
from trips.rules import rule_sets


def add(clerk: Person, *trips: Trip) -> Any:
    body = {"add": [str(uid) for uid in uids(trips)]}
    return phone_of(clerk).post("/api/v1/batches", body, format="json")


def change(clerk: Person, batch: str, **said: Any) -> Any:
    return phone_of(clerk).patch(f"/api/v1/batches/{batch}", said, format="json")


@pytest.fixture
def second(mallory: Person, bora: Person, site: Place) -> Trip:
    """Somebody else's payable trip of the same day, of two hours."""
    return confirmed(mallory, bora, site, hours=2)


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


@pytest.fixture
def six(ada: Person, bora: Person, site: Place) -> list[Trip]:
    """On six days apart before today, of 20,000 won each."""
    days = [NOON - timedelta(days=n) for n in range(12, 0, -2)]
    return [confirmed(ada, bora, site, starts_at=day, hours=5) for day in days]


def _statements(deed: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        deed()
    return len(asked)


def test_a_batch_asks_as_often_for_many_trips_as_for_few(felix: Person, six: list[Trip]) -> None:
    batch = open_batch(clerk=felix, now=EVENING)
    rule_sets()

    def lay(some: list[Trip]) -> tuple[int, int]:
        Trip.objects.exclude(pk__in=[trip.pk for trip in some]).update(state=State.RETURNED)
        found: dict[UUID, int] = {}
        looking = _statements(
            lambda: found.update(payable_in(felix, "2026-11", batch=batch, at=EVENING))
        )
        assert list(found) == uids(some)
        laying = _statements(
            lambda: fill_batch(batch, clerk=felix, add=found, judged=found, now=EVENING)
        )
        fill_batch(batch, clerk=felix, remove=found, now=EVENING)
        Trip.objects.update(state=State.CONFIRMED)
        return looking, laying

    lay(six[:1])
    assert lay(six[:2]) == lay(six)


def test_each_row_of_a_batch_is_paid_by_as_many_statements(felix: Person, six: list[Trip]) -> None:
    """Under its own lock each; so many more of a batch of any length."""
    cost = []
    for some in (six[:1], six[1:2], six[2:]):
        batch = batch_of(felix, *some)
        cost.append(_statements(partial(pay_rows, batch, now=EVENING)) / len(some))
    assert Settlement.objects.count() == len(six)
    assert cost[2] <= cost[1]


def test_a_full_purse_does_not_look_through_the_whole_month(
    felix: Person, six: list[Trip], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laying, "MOST_LEFT", 2)
    settings.BATCH_LIMIT_WON = 39_999
    seen: list[tuple[int, int]] = []

    found = payable_in(
        felix, "2026-11", batch=Batch(), at=EVENING, tell=lambda *said: seen.append(said)
    )

    assert found == {six[0].uid: 20_000}
    # Two did not fit; the fourth is no longer judged.
    assert seen == [(0, 6), (1, 6), (2, 6), (3, 6)]


def test_what_no_batch_of_one_person_holds_stands_in_nobodys_way(
    felix: Person, six: list[Trip], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laying, "MOST_LEFT", 1)
    for trip in six[3:]:
        trip.distances.update(one_way_m=900)
    settings.BATCH_LIMIT_WON = 19_999

    found = payable_in(felix, "2026-11", batch=Batch(), at=EVENING)

    assert found == {trip.uid: 0 for trip in six[3:]}


def test_one_question_and_many_say_alike_who_may_settle(
    ada: Person, bora: Person, felix: Person, olga: Person, payable: Trip, second: Trip
) -> None:
    Decision.objects.create(trip=second, step=2, decision="approve", by=felix, at=EVENING)
    ada, bora = made_clerk(ada), made_clerk(bora)
    for person in (ada, bora, felix, olga):
        said = settleable_by(person, Trip.objects.all(), at=EVENING)
        assert set(said) == {
            trip for trip in Trip.objects.all() if may_settle(person, trip, at=EVENING)
        }
    assert set(settleable_by(felix, Trip.objects.all(), at=EVENING)) == {payable}


def test_a_sum_judged_before_is_laid_as_it_was_and_judged_again_when_it_is_paid(
    felix: Person, payable: Trip
) -> None:
    add = payable_in(felix, "2026-11", batch=Batch(), at=EVENING)
    assert add == {payable.uid: 20_000}
    batch = open_batch(clerk=felix, now=EVENING)
    # Since then it turned out to be near: what was signed is no more what it comes to.
    payable.distances.update(one_way_m=900)
    fill_batch(batch, clerk=felix, add=add, judged=add, now=EVENING)
    pay(felix, Batch.objects.get())

    assert not Settlement.objects.exists()
    assert BatchRow.objects.get().refused in {"step-up.batch-changed", "settlement.not-payable"}


def test_what_was_judged_and_is_no_longer_approved_or_of_this_office_is_not_laid(
    felix: Person, payable: Trip
) -> None:
    batch, wrong = open_batch(clerk=felix, now=EVENING), uuid4()
    with pytest.raises(NotPayable):
        fill_batch(batch, clerk=felix, add=[wrong], judged={wrong: 1}, now=EVENING)
    Trip.objects.update(state=State.RETURNED)
    with pytest.raises(NotPayable):
        fill_batch(batch, clerk=felix, add=[payable.uid], judged={payable.uid: 20_000}, now=EVENING)
    assert not BatchRow.objects.exists()
