from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from attest.errors import LeafMalformed, LogInconsistent, ProofRefused
from attest.log import merkle
from attest.log.tiles import (
    ENTRIES,
    Tree,
    bundle,
    extend,
    frame,
    parse_tile_path,
    tile_path,
    unbundle,
)

from .naive import Naive
from .vectors import entry, hashes, load

TREE = Naive(hashes())
Store = dict[tuple[int, int], bytes]


def grow(store: Store, start: int, stop: int) -> Store:
    """What ``extend`` says has changed, laid over *store*."""
    edge: dict[int, tuple[int, bytes]] = {}
    for level in range(4):
        if last := [n for row, n in store if row == level]:
            edge[level] = (max(last), store[level, max(last)])
    return store | extend(edge, hashes()[start:stop])


def files(store: Store, size: int) -> dict[str, bytes]:
    found = {tile_path(level, n, len(t) // 32): t for (level, n), t in store.items()}
    for n, start in enumerate(range(0, size, 256)):
        entries = [entry(i) for i in range(start, min(start + 256, size))]
        found[tile_path(ENTRIES, n, len(entries))] = bundle(entries)
    return found


@pytest.mark.parametrize("case", load("tree")["files"], ids=lambda c: str(c["size"]))
def test_the_files_of_a_log_are_the_published_ones(case: dict[str, Any]) -> None:
    found = files(grow({}, 0, case["size"]), case["size"])

    assert {(path, len(data), sha256(data).hexdigest()) for path, data in found.items()} == {
        (one["path"], one["bytes"], one["sha256"]) for one in case["files"]
    }


@pytest.mark.parametrize("step", [1, 7, 255, 256, 257, 600])
def test_the_tiles_are_the_same_in_whatever_batches_they_came(step: int) -> None:
    store: Store = {}
    for start in range(0, 1000, step):
        store = grow(store, start, min(start + step, 1000))
        assert Tree(lambda level, n, s=store: s[level, n], min(start + step, 1000)).root() == (
            TREE.tree_hash(0, min(start + step, 1000))
        )

    assert store == grow({}, 0, 1000)


def test_only_tiles_that_grew_are_handed_back() -> None:
    store = grow({}, 0, 300)

    assert set(extend({0: (1, store[0, 1]), 1: (0, store[1, 0])}, hashes()[300:301])) == {(0, 1)}
    assert extend({0: (1, store[0, 1]), 1: (0, store[1, 0])}, []) == {}


def test_a_third_row_grows_where_the_second_is_full() -> None:
    same = [bytes(32)] * 65_536
    store = extend({}, same)

    assert [len(store[2, 0]), len(store[1, 0]), len(store[0, 255])] == [32, 8192, 8192]
    assert Tree(lambda level, n: store[level, n], 65_536).root() == store[2, 0]
    more = extend({0: (255, store[0, 255]), 1: (0, store[1, 0]), 2: (0, store[2, 0])}, same[:1])
    assert set(more) == {(0, 256)}


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 512, 999, 1000])
def test_every_size_is_served_from_the_longest_tiles(size: int) -> None:
    store = grow({}, 0, 1000)
    tree = Tree(lambda level, n: store[level, n], size)

    assert tree.root() == TREE.tree_hash(0, size)
    for index in {0, size // 2, size - 1}:
        assert list(tree.inclusion(index)) == TREE.path(index, 0, size)
    for old in {0, 1, size // 2, size}:
        assert list(tree.consistency(old)) == TREE.proof(old, size)
    assert tree.range(size // 2, size) == merkle.range_proof(
        TREE, start=size // 2, stop=size, size=size
    )


def test_no_tile_is_needed_for_the_empty_log() -> None:
    nothing: Store = {}

    assert Tree(lambda level, n: nothing[level, n], 0).root() == merkle.EMPTY


def test_a_tile_cut_short_stops_the_log() -> None:
    store = grow({}, 0, 1000)
    store[0, 3] = store[0, 3][:-32]

    with pytest.raises(LogInconsistent):
        Tree(lambda level, n: store[level, n], 1000).root()


@pytest.mark.parametrize("length", [31, 8193, 8224])
def test_a_log_does_not_go_on_from_a_damaged_edge(length: int) -> None:
    with pytest.raises(LogInconsistent):
        extend({0: (0, bytes(length))}, [bytes(32)])


def test_what_is_no_hash_does_not_enter_the_tree() -> None:
    with pytest.raises(LeafMalformed):
        extend({}, [bytes(32), bytes(33), bytes(31)])


@pytest.mark.parametrize("case", load("tree")["paths"], ids=lambda c: c["path"])
def test_a_tile_has_the_published_path(case: dict[str, Any]) -> None:
    name = parse_tile_path(case["path"])

    assert tile_path(case["level"], case["index"], case["width"]) == case["path"]
    assert (name.level, name.index, name.width) == (
        case["level"],
        case["index"],
        case["width"],
    )


def test_entry_bundles_have_paths_of_their_own() -> None:
    name = parse_tile_path("tile/entries/x001/000.p/9")

    assert (name.level, name.index, name.width) == (ENTRIES, 1000, 9)
    assert tile_path(ENTRIES, 1000, 9) == "tile/entries/x001/000.p/9"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/1000",
        ),
        *(
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
        ),
        *("tile/0/000.p/01", "tile/0/000.p/", "tile/0/x000/001", "tile/0/001/000"),
        *("tile/0/x001", "tile/0/x1/000", "/tile/0/000", "tile/0/000/", "tile/0/000\n"),
        *(
            "tile/0/٠٠٠",
            "tile/0/../000",
            "tile/Entries/000",
            "tile/0/" + "x999/" * 7 + "999",
        ),
        "tile/0/" + "x999/" * 6 + "999",
    ],
)
def test_a_tile_has_no_second_path(path: str) -> None:
    with pytest.raises(ValueError, match=r"tile|level"):
        parse_tile_path(path)


def test_entries_come_back_out_of_their_bundle() -> None:
    entries = [entry(0), b"", b"\x00\x05", bytes(4096)]

    assert list(unbundle(bundle(entries))) == entries
    assert frame(b"ab") == b"\x00\x02ab"


@pytest.mark.parametrize("torn", [b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x10\x01" + bytes(4097)])
def test_a_torn_bundle_is_refused(torn: bytes) -> None:
    with pytest.raises(ProofRefused, match="shape"):
        list(unbundle(torn))


def test_an_entry_too_long_is_not_framed() -> None:
    with pytest.raises(LeafMalformed):
        frame(bytes(4097))
