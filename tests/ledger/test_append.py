"""A deed leaves its entry in its own transaction, or neither comes to be."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, transaction

from attest.errors import KeyGone, LeafMalformed, LogInconsistent, SealBroken
from attest.log.leaf import ConfigChanged, Heartbeat, Settled, TripOpened, Voided, commit, leaf_hash
from attest.log.strict64 import decode64
from ledger.models import Opening, Outbox, TripHead
from ledger.outbox import Deed, Entry, TripLine, histories_of
from ledger.services.append import append
from ledger.services.append_all import append_all
from tests.conftest import NOON
from vault.sealed import KeyName, shred, unseal_opening

from .deeds import LINE, OTHER, WHO, opened, said, setting


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_appended() -> None:
    with pytest.raises(LogInconsistent, match="open a transaction first"):
        append(event=Heartbeat(every=1), at=NOON)

    assert not Outbox.objects.exists()


class Stumble(Exception):
    """Something of the deed itself goes wrong after its leaf was written."""


@transaction.atomic
def stumble() -> None:
    append(event=TripOpened(who=WHO, what={"area": "in"}), at=NOON, trip=LINE)
    raise Stumble


@pytest.mark.django_db(transaction=True)
def test_a_deed_taken_back_leaves_nothing() -> None:
    with pytest.raises(Stumble):
        stumble()

    assert not Outbox.objects.exists()
    assert not Opening.objects.exists()
    assert not TripHead.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_after_a_deed_taken_back_the_line_goes_on_without_a_gap() -> None:
    first = opened()
    with pytest.raises(Stumble):
        stumble()

    second = opened()
    assert (first.n, second.n) == (0, 1)
    assert history_in_words(LINE) == (2, sha256(first.hash + second.hash).digest())


@transaction.atomic
def history_in_words(line: TripLine) -> tuple[int, bytes]:
    return histories_of([line])[line.log_id]


@pytest.mark.django_db
def test_a_leaf_says_when_and_what_and_hides_who() -> None:
    entry = setting("late")

    row = Outbox.objects.get()
    assert bytes(row.leaf_hash) == entry.hash == leaf_hash(bytes(row.entry))
    told = said(row)
    assert (told["t"], told["what"], told["name"]) == ("config-change", "setting", "late")
    assert told["at"] == "2026-11-23T03:00:00.000000Z"
    assert WHO["actor"].encode() not in bytes(row.entry)


@pytest.mark.django_db
def test_the_leaves_of_a_trip_count_up_and_name_the_one_before() -> None:
    entries = [opened() for _ in range(4)]

    rows = [said(row) for row in Outbox.objects.order_by("pk")]
    assert [entry.n for entry in entries] == [row["n"] for row in rows] == [0, 1, 2, 3]
    assert [decode64(row["pc"]) for row in rows] == [
        b"",
        *[entry.hash for entry in entries[:-1]],
    ]
    assert {row["trip"] for row in rows} == {LINE.log_id}


@pytest.mark.django_db
def test_two_trips_count_each_for_itself() -> None:
    mixed = [opened(trip) for trip in (LINE, OTHER, OTHER, LINE, OTHER)]

    assert [entry.n for entry in mixed] == [0, 0, 1, 1, 2]
    ours, theirs = (b"".join(mixed[n].hash for n in some) for some in ((0, 3), (1, 2, 4)))
    assert histories_of([LINE, OTHER]) == {
        LINE.log_id: (2, sha256(ours).digest()),
        OTHER.log_id: (3, sha256(theirs).digest()),
    }


@transaction.atomic
def opened_at_once(*lines: TripLine) -> list[Entry]:
    event = TripOpened(who=WHO, what={"area": "in"})
    return append_all([Deed(event, line) for line in lines], at=NOON)


@pytest.mark.django_db
def test_a_deed_done_to_many_trips_goes_on_with_each_where_it_stood() -> None:
    first = opened(OTHER)
    both = opened_at_once(LINE, OTHER)
    last = opened(LINE)

    assert [entry.n for entry in (first, *both, last)] == [0, 0, 1, 1]
    assert histories_of([LINE, OTHER]) == {
        LINE.log_id: (2, sha256(both[0].hash + last.hash).digest()),
        OTHER.log_id: (2, sha256(first.hash + both[1].hash).digest()),
    }
    rows = {bytes(row.leaf_hash): said(row) for row in Outbox.objects.all()}
    assert decode64(rows[both[1].hash]["pc"]) == first.hash
    assert decode64(rows[last.hash]["pc"]) == both[0].hash
    assert {rows[entry.hash]["trip"] for entry in both} == {LINE.log_id, OTHER.log_id}
    for entry, line in zip(both, (LINE, OTHER), strict=True):
        row = Opening.objects.get(leaf_hash=entry.hash, group="id")
        assert KeyName.read(row.dek) == KeyName(line.subject, line.month, "id")


@pytest.mark.django_db
def test_one_trip_has_no_two_leaves_of_one_deed() -> None:
    with pytest.raises(LogInconsistent, match="one next leaf"):
        opened_at_once(LINE, OTHER, LINE)

    assert not Outbox.objects.exists()
    assert not TripHead.objects.exists()


@pytest.mark.django_db
def test_nothing_done_to_no_trip_leaves_nothing() -> None:
    assert opened_at_once() == []
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_appended_of_many_either() -> None:
    with pytest.raises(LogInconsistent, match="open a transaction first"):
        append_all([Deed(TripOpened(who=WHO, what={"area": "in"}), LINE)], at=NOON)

    assert not Outbox.objects.exists()


@pytest.mark.django_db
def test_every_commitment_is_opened_by_its_row_under_the_keys_of_its_trip() -> None:
    entry = opened()

    told = said(Outbox.objects.get())
    rows = {row.group: row for row in Opening.objects.all()}
    assert rows.keys() == {"id", "biz"}
    for group, value in {"id": WHO, "biz": {"area": "in"}}.items():
        key = KeyName.read(rows[group].dek)
        plain = unseal_opening(
            bytes(rows[group].nonce), bytes(rows[group].sealed), key=key, leaf_hash=entry.hash
        )
        assert key == KeyName(LINE.subject, LINE.month, group)
        assert commit(group, plain[:32], value) == decode64(told[group])


@pytest.mark.django_db
def test_an_opening_laid_beside_another_leaf_does_not_open() -> None:
    first, second = opened(), opened()
    row = Opening.objects.get(leaf_hash=first.hash, group="id")

    with pytest.raises(SealBroken):
        unseal_opening(
            bytes(row.nonce),
            bytes(row.sealed),
            key=KeyName.read(row.dek),
            leaf_hash=second.hash,
        )


@pytest.mark.django_db
def test_with_the_key_destroyed_the_commitment_says_nothing(settings: Any) -> None:
    entry = opened()
    row = Opening.objects.get(leaf_hash=entry.hash, group="id")

    (Path(settings.SHRED_STORE) / LINE.subject / f"{LINE.month}.id").unlink()
    shred.forget()
    with pytest.raises(KeyGone):
        unseal_opening(
            bytes(row.nonce), bytes(row.sealed), key=KeyName.read(row.dek), leaf_hash=entry.hash
        )


@pytest.mark.django_db
def test_equal_deeds_never_have_equal_leaves() -> None:
    hashes = {setting().hash for _ in range(20)}

    assert len(hashes) == 20


@pytest.mark.django_db
@pytest.mark.parametrize(
    "event",
    [
        ConfigChanged(subject="setting", name="two\nlines", who=WHO),
        ConfigChanged(subject="setting", name="x" * 5_000, who=WHO),
        TripOpened(who=WHO, what={"area": "in"}),
        Settled(count=0, digest=b"", who=WHO, what={}),
        Heartbeat(every=0),
    ],
    ids=["two lines", "too long", "no trip", "no digest", "never"],
)
def test_what_is_no_leaf_stops_the_deed(event: Any) -> None:
    with pytest.raises((LeafMalformed, DataError)), transaction.atomic():
        append(event=event, at=NOON, subject="org-1")

    assert not Outbox.objects.exists()
    assert not Opening.objects.exists()


@pytest.mark.django_db
def test_a_void_names_an_earlier_leaf_of_its_trip() -> None:
    first = opened()
    void = Voided(of=first.n, ofh=first.hash, who=WHO, what={"reason": "mistake"})

    with transaction.atomic():
        entry = append(event=void, at=NOON + timedelta(minutes=1), trip=LINE)
    assert entry.n == 1
    with pytest.raises(LeafMalformed), transaction.atomic():
        append(event=void, at=NOON, trip=OTHER)


@pytest.mark.django_db
def test_no_salt_or_value_shows_in_the_rows() -> None:
    opened()

    written = [bytes(row.sealed) + bytes(row.nonce) for row in Opening.objects.all()]
    written += [bytes(row.entry) for row in Outbox.objects.all()]
    assert not any(b'"area"' in one or b"p00000001" in one for one in written)
