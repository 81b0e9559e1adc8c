"""The whole log can be read from outside, and computed again from nothing but its tiles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from attest.log.leaf import leaf_hash
from attest.log.tiles import Tree, tile_path, unbundle
from ledger.models import Leaf
from ledger.services.sequence import sequence
from tests.conftest import NOON, phone_of

from .deeds import naive, published, setting, wait_in_line

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)


def grown(leaves: int) -> int:
    """A log of just *leaves*: its start and its heartbeat are among them."""
    wait_in_line(leaves - 2)
    assert sequence(now=LATER) == leaves
    return leaves


def get(person: Person, path: str, **headers: str) -> Any:
    return phone_of(person).get(f"/log/{path}", headers=headers)


def tiles(person: Person, size: int) -> Any:
    """A reader as any C2SP client has one: over the network, by the longest name there is."""

    def read(level: int, index: int) -> bytes:
        width = min(256, (size >> 8 * level) - 256 * index)
        answer = get(person, tile_path(level, index, width))
        assert answer.status_code == 200
        assert len(answer.content) == 32 * width
        return bytes(answer.content)

    return read


@pytest.mark.parametrize("size", [3, 255, 256, 257, 600])
def test_from_the_tiles_alone_anybody_computes_the_signed_root(size: int, ada: Person) -> None:
    grown(size)
    signed = published()

    tree = Tree(tiles(ada, signed.size), signed.size)
    assert tree.root() == signed.root
    assert tree.inclusion(1) == Tree(tiles(ada, size), size).inclusion(1)


def test_an_auditor_reads_every_entry(iris: Person) -> None:
    grown(300)
    found: list[bytes] = []
    for index, width in ((0, 256), (1, 44)):
        answer = get(iris, tile_path("entries", index, width))
        assert answer.status_code == 200
        found += unbundle(answer.content)

    assert [leaf_hash(entry) for entry in found] == naive().hashes
    assert found == [bytes(row.entry) for row in Leaf.objects.order_by("index")]


def test_every_width_of_a_partial_tile_stays_readable(ada: Person) -> None:
    grown(300)
    whole = get(ada, "tile/0/000").content

    for width in (1, 7, 255):
        assert get(ada, f"tile/0/000.p/{width}").content == whole[: 32 * width]


def test_what_never_changes_may_be_kept_and_only_by_the_reader(iris: Person) -> None:
    grown(3)
    for path in ("tile/0/000.p/3", "tile/entries/000.p/3"):
        answer = get(iris, path)
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer["Content-Type"] == "application/octet-stream"


def test_entries_travel_packed_for_who_can_unpack(iris: Person) -> None:
    grown(200)
    plain = get(iris, "tile/entries/000.p/200")
    packed = get(iris, "tile/entries/000.p/200", accept_encoding="gzip")

    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/000.p/4",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/03",
        "tile/0/0",
        "tile/00/000.p/3",
        "tile/0/x000/000.p/3",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/64/000.p/1",
        "tile/-1/000.p/1",
        "tile/0/000.p/3/",
        "tile/0/../0/000.p/3",
        "tile/0/０００.p/3",
        "tile/entries/000",
        "tile/entries/000.p/4",
        "tile/entries/000.p/0",
        "tile/entries/entries/000.p/1",
        "tile/",
        "tile/entries/",
    ],
)
def test_another_name_and_what_is_not_signed_yet_is_not_there(path: str, iris: Person) -> None:
    grown(3)

    assert get(iris, path).status_code == 404


def test_a_leaf_not_yet_signed_is_not_shown(iris: Person) -> None:
    grown(3)
    Leaf.objects.create(index=3, entry=b"{}", leaf_hash=bytes(32))

    assert get(iris, "tile/entries/000.p/4").status_code == 404


@pytest.mark.parametrize("name", ["ada", "bora", "felix", "olga", "mallory"])
def test_entries_are_for_auditors_alone(name: str, request: pytest.FixtureRequest) -> None:
    grown(3)
    answer = get(request.getfixturevalue(name), "tile/entries/000.p/3")

    assert (answer.status_code, answer.content) == (403, b"role.lacking\n")


@pytest.mark.parametrize("path", ["tile/0/000.p/3", "tile/entries/000.p/3"])
def test_nobody_anonymous_reads_a_tile(path: str) -> None:
    grown(3)
    answer = Client().get(f"/log/{path}")

    assert (answer.status_code, answer.content) == (401, b"session.over\n")


def test_without_a_checkpoint_nothing_is_served(iris: Person) -> None:
    setting()
    assert get(iris, "tile/0/000.p/1").status_code == 404
