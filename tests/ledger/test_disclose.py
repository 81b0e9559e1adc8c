"""Who looks at another writes the diary first; only then anything opens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, transaction

from accounts.models import Person
from attest.errors import KeyGone, LeafMalformed, SealBroken
from ledger.models import Access, AccessSubject, Opening, Outbox
from ledger.selectors import diary_of
from ledger.services.disclose import Depth, Look, Reader, disclose
from tests.conftest import NOON, phone_of
from vault.sealed import Box, KeyName, seal, unseal_opening

ROW = UUID(int=3)


def box_of(person: Person, plain: bytes = b"35.22802") -> Box:
    key = KeyName(person.ref, "2026-11", "loc")
    return Box("t", ROW, "f", seal(plain, key=key, table="t", row=ROW, field="f"))


def look(person: Person, depth: Depth = "position") -> Look:
    return Look(person, depth, box_of(person, person.name.encode()))


def read(reader: Person, *looks: Look, **other: Any) -> list[bytes]:
    said: dict[str, Any] = {"method": "view", "action": "trip.show", "purpose": "audit", "at": NOON}
    # The deed it belongs to: what fails here takes all of that with it.
    with transaction.atomic():
        return disclose(reader=Reader(reader, "auditor", "192.0.2.7"), looks=looks, **said | other)


def test_the_auditor_reads_and_is_written_down(iris: Person, ada: Person) -> None:
    opened = read(iris, look(ada), reason="표본 점검", reference="2026-7")

    row = Access.objects.get()
    assert opened == [b"ada"]
    assert (row.actor, row.role, row.method, row.action) == (iris, "auditor", "view", "trip.show")
    assert (row.purpose, row.reason, row.reference, row.at) == (
        *("audit", "표본 점검", "2026-7"),
        NOON,
    )
    assert row.source_box().open() == b"192.0.2.7"
    assert b"192.0.2.7" not in bytes(row.source)
    subject = row.subjects.get()
    assert (subject.person, subject.depth) == (ada, "position")


def test_the_leaf_counts_who_was_looked_at_and_names_nobody(
    iris: Person, ada: Person, bora: Person
) -> None:
    read(iris, look(ada), look(bora), look(ada, "times"))

    entry = bytes(Outbox.objects.get().entry)
    told = json.loads(entry)
    assert (told["t"], told["method"], told["purpose"], told["count"]) == (
        *("access", "view", "audit"),
        2,
    )
    assert not any(one.ref.encode() in entry for one in (iris, ada, bora))
    assert b"192.0.2.7" not in entry
    assert b"35.2" not in entry


def test_the_opening_of_the_leaf_names_reader_role_source_and_subjects(
    iris: Person, ada: Person, bora: Person
) -> None:
    read(iris, look(bora), look(ada))

    row = Opening.objects.get()
    plain = unseal_opening(
        bytes(row.nonce),
        bytes(row.sealed),
        key=KeyName.read(row.dek),
        leaf_hash=bytes(row.leaf_hash),
    )
    assert json.loads(plain[32:]) == {
        "actor": iris.ref,
        "role": "auditor",
        "source": "192.0.2.7",
        "subjects": sorted([ada.ref, bora.ref]),
    }
    assert row.dek == f"{iris.ref}/2026-11/id"


def test_boxes_open_in_the_order_they_were_asked_for(
    iris: Person, ada: Person, bora: Person
) -> None:
    looks = [look(bora), Look(ada, "times"), look(iris), look(ada)]

    assert read(iris, *looks) == [b"bora", b"iris", b"ada"]


def test_looking_at_oneself_leaves_no_trace(ada: Person) -> None:
    assert read(ada, look(ada)) == [b"ada"]

    assert not Access.objects.exists()
    assert not Outbox.objects.exists()


def test_beside_others_oneself_is_not_written_down(iris: Person, ada: Person) -> None:
    read(iris, look(iris), look(ada))

    assert [row.person for row in AccessSubject.objects.all()] == [ada]
    assert json.loads(bytes(Outbox.objects.get().entry))["count"] == 1


def test_a_page_without_a_box_is_a_look_as_well(iris: Person, ada: Person) -> None:
    assert read(iris, Look(ada)) == []

    assert AccessSubject.objects.get().depth == "times"
    assert Outbox.objects.count() == 1


def test_who_looks_at_nobody_writes_nothing(iris: Person) -> None:
    assert read(iris) == []

    assert not Access.objects.exists()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_looks_at_one_person_the_closest_counts(
    order: tuple[int, int, int], iris: Person, ada: Person
) -> None:
    looks = [Look(ada, "times"), Look(ada, "place"), look(ada, "position")]
    read(iris, *[looks[n] for n in order])

    assert AccessSubject.objects.get().depth == "position"


@pytest.mark.parametrize(
    "unwritable", [{"purpose": "x" * 5_000}, {"purpose": "two\nlines"}, {"method": "steal"}]
)
def test_if_the_leaf_cannot_be_written_nothing_opens(
    unwritable: dict[str, Any], iris: Person, ada: Person
) -> None:
    never = replace(box_of(ada), content=b"must not even be tried")

    # Opening it would be SealBroken: the diary refuses before.
    with pytest.raises((LeafMalformed, DataError)):
        read(iris, Look(ada, "position", never), **unwritable)
    assert not Access.objects.exists()
    assert not AccessSubject.objects.exists()
    assert not Outbox.objects.exists()


def test_if_one_box_does_not_open_none_is_shown(iris: Person, ada: Person, bora: Person) -> None:
    moved = replace(box_of(ada), field="g")
    gone = replace(box_of(ada), content=box_of(ada).content.replace(b"2026-11", b"2026-10"))

    with pytest.raises(SealBroken):
        read(iris, look(bora), Look(ada, "position", moved))
    with pytest.raises(KeyGone):
        read(iris, look(bora), Look(ada, "position", gone))


def test_the_subject_sees_who_looked_newest_first(iris: Person, felix: Person, ada: Person) -> None:
    read(iris, look(ada))
    read(felix, Look(ada, "place"), at=NOON + timedelta(minutes=1))

    assert [(row.access.actor, row.depth) for row in diary_of(ada.pk)] == [
        (felix, "place"),
        (iris, "position"),
    ]


def test_nobody_else_sees_it(iris: Person, ada: Person, mallory: Person) -> None:
    read(iris, look(ada))

    assert not diary_of(mallory.pk).exists()
    assert not diary_of(iris.pk).exists()


def test_her_own_page_of_the_api_tells_her(iris: Person, ada: Person, mallory: Person) -> None:
    read(iris, look(ada))

    hers = phone_of(ada).get("/api/v1/me/accesses").json()
    theirs = phone_of(mallory).get("/api/v1/me/accesses").json()
    assert "iris" in json.dumps(hers, ensure_ascii=False)
    assert "iris" not in json.dumps(theirs, ensure_ascii=False)
