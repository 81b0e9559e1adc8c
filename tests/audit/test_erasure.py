"""A position whose time is over is gone; everything that was proved by it still is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Person, Place
from attest.errors import KeyGone, WipeWaits
from attest.log.leaf import read_leaf
from attest.log.trust import Trust
from audit.retaining import run
from audit.retention import Due
from ledger.models import Doomed, Leaf, Opening
from ledger.services.check_log import check_log
from ledger.services.sequence import sequence
from tests.attest.bundle.town import codes, members
from tests.audit.lives import key_file, opened_leaves, sealed_of
from tests.audit.office import renew, taken
from tests.audit.test_bundle import failures, judged
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.settlement.desk import (
    answers,
    arrival,
    batch_of,
    code_of,
    confirmed,
    ordered,
    pay,
    seen,
    travelled,
)
from trips.models import CheckIn, Trip
from vault import keyring
from vault.sealed import shred

pytestmark = pytest.mark.django_db(transaction=True)

OVER = timedelta(days=60)


@pytest.fixture
def trust() -> Trust:
    out = StringIO()
    call_command("ledger_trust", stdout=out)
    return Trust.parse(out.getvalue())


@pytest.fixture
def paid(felix: Person, ada: Person, bora: Person, site: Place) -> Trip:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))
    return Trip.objects.get(pk=trip.pk)


@pytest.fixture
def erased(paid: Trip, clock: Clock) -> Trip:
    """Sixty days after it was paid, and the job was there."""
    clock.later(days=60)
    run(now=clock())
    return Trip.objects.get(pk=paid.pk)


def erasures() -> Iterator[dict[str, Any]]:
    for leaf in Leaf.objects.order_by("index"):
        said = read_leaf(bytes(leaf.entry))
        if said["t"] == "erasure":
            yield said


def test_a_second_before_its_time_nothing_goes_and_then_everything_does(
    paid: Trip, clock: Clock
) -> None:
    boxes = sealed_of(paid)
    clock.later(days=60, seconds=-1)
    run(now=clock())

    assert len(sealed_of(paid)) == len(boxes) > 6
    assert all(box.open() for box in boxes)
    clock.later(seconds=1)
    run(now=clock())
    assert sealed_of(paid) == []
    assert opened_leaves(paid) == set()
    for box in boxes:
        with pytest.raises(KeyGone):
            box.open()


def test_what_stays_is_the_place_in_words_the_verdict_and_the_burst(
    paid: Trip, clock: Clock
) -> None:
    kept = ("recorded_at", "place_words", "burst", "token_hash", "cti", "spoken", "leaf_hash")
    before = list(CheckIn.objects.values_list(*kept))
    reasons = [one.reasons for one in arrival(paid).assessments.all()]
    clock.later(days=60)
    run(now=clock())

    touch = arrival(paid)
    assert list(CheckIn.objects.values_list(*kept)) == before
    assert [one.reasons for one in touch.assessments.all()] == reasons
    assert (touch.erased, touch.accuracy_m, touch.point_mark) == (True, None, None)
    assert touch.place_words


def test_the_log_says_which_leaves_why_and_by_which_rule(erased: Trip) -> None:
    sequence(now=NOON + OVER + timedelta(days=1))
    (leaf,) = erasures()
    wheres = [
        row.index
        for row in Leaf.objects.order_by("index")
        if (said := read_leaf(bytes(row.entry))).get("trip") == erased.log_id and "loc" in said
    ]

    assert (leaf["group"], leaf["reason"], leaf["policy"]) == ("loc", "retention", "loc-60.id-730")
    assert [n for a, b in leaf["ranges"] for n in range(a, b)] == wheres
    assert leaf["count"] == len(wheres) == 3
    assert check_log() == ""


def test_an_erased_trip_still_verifies_and_is_shut_as_erased(
    iris: Person, erased: Trip, trust: Trust
) -> None:
    renew(iris)
    raw = taken(iris, form="zip")
    report, files = judged(raw, trust), members(raw)
    lines = [json.loads(line) for line in files["data/leaves.jsonl"].splitlines()]

    assert failures(report) == []
    assert codes(report, "fail") == set()
    assert report.counts.erased == 3
    assert {line["shut"]["loc"] for line in lines if "loc" in line.get("shut", {})} >= {"erased"}
    assert json.loads(files["rules/retention.json"]) == {"id_days": 730, "loc_days": 60}


def test_a_bundle_taken_before_still_verifies_after(
    iris: Person, paid: Trip, trust: Trust, clock: Clock
) -> None:
    before = taken(iris, form="zip")
    clock.later(days=60)
    run(now=clock())

    assert failures(judged(before, trust)) == []


def test_a_receipt_on_paper_still_proves_itself(felix: Person, paid: Trip, clock: Clock) -> None:
    paper = code_of(arrival(paid))
    clock.later(days=60)
    run(now=clock())
    said = seen(felix, paper)

    assert answers(said) == ("genuine", "settled")
    assert said["check_in"]["planned_m"] is None
    assert answers(seen(felix, arrival(paid).spoken, source="typed"))[0] == "by-number"


def test_one_flipped_bit_on_that_paper_proves_nothing(
    felix: Person, paid: Trip, clock: Clock
) -> None:
    paper = code_of(arrival(paid))
    clock.later(days=60)
    run(now=clock())
    last = "1" if paper[-1] != "1" else "2"

    assert answers(seen(felix, paper[:-1] + last))[0] in {"unverifiable", "not-ours"}


def test_every_page_of_an_erased_trip_opens_and_says_when(
    erased: Trip, ada: Person, bora: Person, iris: Person, felix: Person
) -> None:
    renew(iris)
    here = f"/trips/{erased.uid}"
    pages = [
        phone_of(ada).get(f"{here}/"),
        phone_of(ada).get(f"{here}/receipt/"),
        phone_of(bora).get(f"/approvals/{erased.uid}/"),
        phone_of(iris).get(f"/audit/trips/{erased.uid}/"),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    for page in pages:
        assert "1월 22일" in page.content.decode()
        assert "지워졌" in page.content.decode()


def test_what_needs_the_erased_receipt_says_that_it_is_gone(erased: Trip, ada: Person) -> None:
    touch = arrival(erased)
    phone = phone_of(ada)
    api = f"/api/v1/check-ins/{touch.uid}"

    assert phone.get(f"{api}/qr.svg").status_code == 410
    assert phone.get(f"/trips/{erased.uid}/print/?paper=slip&touch={touch.uid}").status_code == 404
    answer = phone.get(api)
    assert (answer.status_code, answer.json()["token"]) == (200, None)
    assert phone.get(f"/api/v1/trips/{erased.uid}").status_code == 200


def test_the_receipt_of_the_whole_trip_holds_no_position_and_stays(
    erased: Trip, ada: Person, felix: Person
) -> None:
    answer = phone_of(ada).get(f"/api/v1/trips/{erased.uid}/token")

    assert answer.status_code == 200
    assert answers(seen(felix, answer.json()["text"]))[0] == "genuine"


def test_never_settled_it_stays_a_year(
    ada: Person, bora: Person, site: Place, clock: Clock
) -> None:
    trip = travelled(ordered(ada, bora, site))
    clock.at = trip.ends_at + timedelta(days=365, seconds=-1)
    run(now=clock())
    assert sealed_of(trip)
    clock.later(seconds=1)
    run(now=clock())

    assert sealed_of(trip) == []


def test_a_settlement_taken_back_ends_its_count(
    paid: Trip, felix: Person, flora: Person, clock: Clock
) -> None:
    settlement = paid.settlements.get()
    for clerk in (felix, flora):
        body = {"reason": "금액이 다릅니다"}
        phone_of(clerk).post(f"/api/v1/settlements/{settlement.uid}/void", body, format="json")
    clock.later(days=60)

    assert not Due(clock()).positions.exists()
    assert sealed_of(paid)


def test_the_key_of_a_month_stays_while_another_trip_needs_it(
    paid: Trip, ada: Person, bora: Person, site: Place, clock: Clock
) -> None:
    other = travelled(ordered(ada, bora, site, starts_at=NOON + timedelta(days=2)))
    clock.later(days=60)
    run(now=clock())

    assert sealed_of(paid) == []
    assert all(box.open() for box in sealed_of(other))
    assert Doomed.objects.get().destroyed_at is None
    clock.at = other.ends_at + timedelta(days=365)
    run(now=clock())
    assert not key_file(other).exists()
    assert not Doomed.objects.exists()


def test_a_key_that_is_destroyed_is_forgotten_by_whoever_knew_it(paid: Trip) -> None:
    box = sealed_of(paid)[0]
    assert box.open()
    shred.destroy(box.key_name)

    with pytest.raises(KeyGone):
        box.open()
    assert list(key_file(paid).parent.glob("*.loc*")) == []


def test_twice_erases_nothing_more(erased: Trip, clock: Clock) -> None:
    leaves, openings = Leaf.objects.count(), Opening.objects.count()
    run(now=clock())

    assert (Leaf.objects.count(), Opening.objects.count()) == (leaves, openings)


def test_the_report_is_signed_and_counts_before_and_after(paid: Trip, clock: Clock) -> None:
    clock.later(days=60)
    note = run(now=clock()).note
    said = json.loads(note.splitlines()[3])

    assert (said["before"]["positions"], said["after"]["positions"]) == (1, 0)
    assert said["done"] | {"trips": 1, "touches": 2, "leaves": 3, "wiped": 1} == said["done"]
    text = note[: note.rindex("\n\n") + 1]
    (signature,) = note[note.rindex("\n\n") + 2 :].splitlines()
    assert signature.startswith(f"— {keyring.export_signer().verifying.name} ")
    assert text.startswith("tripseal/retention/v1\n")


def test_without_apply_the_command_says_what_and_does_nothing(paid: Trip, clock: Clock) -> None:
    clock.later(days=60)
    out = StringIO()
    call_command("retention", stdout=out)

    assert "positions       1" in out.getvalue()
    assert sealed_of(paid)
    call_command("retention", apply=True, stdout=out)
    assert sealed_of(paid) == []


def test_while_somebody_reads_the_files_are_wiped_the_next_time(
    paid: Trip, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.later(days=60)

    def busy() -> None:
        raise WipeWaits("somebody reads")

    with monkeypatch.context() as patch:
        patch.setattr("audit.retaining.wipe", busy)
        with pytest.raises(CommandError):
            call_command("retention", apply=True, stdout=StringIO())
    assert Doomed.objects.get().wiped_at is None
    assert sealed_of(paid) == []
    call_command("retention", apply=True, stdout=StringIO())
    assert not Doomed.objects.exists()


def test_a_restored_database_is_erased_again(paid: Trip, clock: Clock) -> None:
    """What an older backup brings back is sealed under a key that is no more, and goes."""
    kept = CheckIn.objects.values_list("pk", "record", "token")
    before = {pk: (record, token) for pk, record, token in kept}
    clock.later(days=60)
    run(now=clock())
    for pk, (record, token) in before.items():
        CheckIn.objects.filter(pk=pk).update(record=record, token=token)

    with pytest.raises(KeyGone):
        sealed_of(paid)[0].open()
    run(now=clock.later(days=1))
    assert sealed_of(paid) == []
    assert not Doomed.objects.exists()
