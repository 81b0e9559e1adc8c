from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from attest.errors import ProofRefused
from attest.log import merkle
from attest.log.merkle import (
    Frontier,
    verify_consistency,
    verify_inclusion,
    verify_range,
)

from .naive import Naive
from .vectors import hashes, load, raw

TREE = Naive(hashes())
PROOFS = load("proofs")
ZERO = bytes(32)
SIZES = [*range(1, 131), 255, 256, 257]
EDGES = (1, 2, 3, 127, 128, 129, 254, 255, 256, 257, 500, 511, 512, 513, 999, 1000)


def sized(case: dict[str, Any]) -> str:
    return "-".join(str(value) for value in case.values() if isinstance(value, int))


def inclusion(case: dict[str, Any], **change: Any) -> None:
    said = {
        "index": case["index"],
        "size": case["size"],
        "proof": raw(case["proof"]),
        "root": b64decode(case["root"]),
    }
    verify_inclusion(b64decode(case["leaf_hash"]), **said | change)


def consistency(case: dict[str, Any], **change: Any) -> None:
    said = {
        "old": case["old"],
        "new": case["new"],
        "old_root": b64decode(case["old_root"]),
        "new_root": b64decode(case["new_root"]),
        "proof": raw(case["proof"]),
    }
    verify_consistency(**said | change)


def in_range(case: dict[str, Any], **change: Any) -> None:
    said = {
        "start": case["from"],
        "stop": case["to"],
        "size": case["size"],
        "left": raw(case["left"]),
        "right": raw(case["right"]),
        "root": b64decode(case["root"]),
    }
    verify_range(hashes()[case["from"] : case["to"]], **said | change)


def flips(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """The proof with one bit turned, for every bit of it."""
    for at, one in enumerate(proof):
        number = int.from_bytes(one, "big")
        for bit in range(256):
            yield (
                *proof[:at],
                (number ^ 1 << bit).to_bytes(32, "big"),
                *proof[at + 1 :],
            )


@pytest.mark.parametrize("case", load("tree")["roots"], ids=sized)
def test_the_root_is_the_published_one_however_it_is_reached(
    case: dict[str, Any],
) -> None:
    grown = Frontier()
    for one in hashes()[: case["size"]]:
        grown.append(one)

    assert grown.root().hex() == case["root_hex"]
    assert merkle.root(TREE, case["size"]).hex() == case["root_hex"]
    assert Frontier(grown.size, grown.peaks).root() == grown.root()


def test_a_frontier_knows_every_root_with_few_hashes() -> None:
    grown = Frontier()

    for size, one in enumerate(hashes(), start=1):
        grown.append(one)
        assert len(grown.peaks) <= 10
        if size in SIZES or size in EDGES:
            assert grown.root() == TREE.tree_hash(0, size)


def test_a_frontier_is_not_made_from_the_wrong_number_of_hashes() -> None:
    with pytest.raises(ProofRefused, match="shape"):
        Frontier(3, [ZERO])


@pytest.mark.parametrize("case", PROOFS["inclusion"], ids=sized)
def test_inclusion_is_proved_as_published(case: dict[str, Any]) -> None:
    made = merkle.inclusion_proof(TREE, index=case["index"], size=case["size"])

    assert made == raw(case["proof"])
    inclusion(case)


@pytest.mark.parametrize("case", PROOFS["consistency"], ids=sized)
def test_consistency_is_proved_as_published(case: dict[str, Any]) -> None:
    made = merkle.consistency_proof(TREE, old=case["old"], new=case["new"])

    assert made == raw(case["proof"])
    consistency(case)


@pytest.mark.parametrize("case", PROOFS["range"], ids=sized)
def test_a_range_is_proved_as_published(case: dict[str, Any]) -> None:
    start, stop, size = case["from"], case["to"], case["size"]
    left, right = merkle.range_proof(TREE, start=start, stop=stop, size=size)

    assert (left, right) == (raw(case["left"]), raw(case["right"]))
    in_range(case)


CHANGES: dict[str, dict[str, Any]] = {
    "append a zero hash": {"proof": lambda c: (*raw(c["proof"]), ZERO)},
    "add one hash": {"proof": lambda c: (*raw(c["proof"]), ZERO)},
    "drop the last hash": {"proof": lambda c: raw(c["proof"])[:-1]},
    "index - 1": {"index": lambda c: c["index"] - 1},
    "index = size": {"index": lambda c: c["size"]},
    "append the leaf hash": {"proof": lambda c: (b64decode(c["leaf_hash"]),)},
    "swap old_root and new_root": {
        "old_root": lambda c: b64decode(c["new_root"]),
        "new_root": lambda c: b64decode(c["old_root"]),
    },
    "append a zero hash to right": {"right": lambda c: (*raw(c["right"]), ZERO)},
    "from + 1": {"start": lambda c: c["from"] + 1},
    "move the last of left to the front of right": {
        "left": lambda c: raw(c["left"])[:-1],
        "right": lambda c: (raw(c["left"])[-1], *raw(c["right"])),
    },
}
CHECKS = {"inclusion": inclusion, "consistency": consistency, "range": in_range}


@pytest.mark.parametrize("bad", PROOFS["bad"], ids=lambda b: f"{b['kind']}: {b['why']}")
def test_no_published_forgery_passes(bad: dict[str, Any]) -> None:
    case = PROOFS[bad["kind"]][bad["base"]]
    change = {name: to(case) for name, to in CHANGES[bad["change"]].items()}

    with pytest.raises(ProofRefused):
        CHECKS[bad["kind"]](case, **change)


@pytest.mark.parametrize("size", [*range(1, 131), 255, 256, 257])
def test_every_leaf_of_every_small_tree_is_proved_as_the_definition_says(
    size: int,
) -> None:
    root = TREE.tree_hash(0, size)

    for index in range(size):
        proof = merkle.inclusion_proof(TREE, index=index, size=size)
        assert list(proof) == TREE.path(index, 0, size)
        verify_inclusion(hashes()[index], index=index, size=size, proof=proof, root=root)


@pytest.mark.parametrize("new", [*range(1, 131), 255, 256, 257])
def test_every_smaller_tree_is_proved_as_the_definition_says(new: int) -> None:
    root = TREE.tree_hash(0, new)

    for old in range(new + 1):
        proof = merkle.consistency_proof(TREE, old=old, new=new)
        was = TREE.tree_hash(0, old)
        assert list(proof) == TREE.proof(old, new)
        verify_consistency(old=old, new=new, old_root=was, new_root=root, proof=proof)


@pytest.mark.parametrize("size", [*range(1, 24), 33])
def test_every_range_of_every_small_tree_leads_to_its_root(size: int) -> None:
    root = TREE.tree_hash(0, size)

    for start in range(size):
        for stop in range(start + 1, size + 1):
            left, right = merkle.range_proof(TREE, start=start, stop=stop, size=size)
            found = merkle.range_root(
                iter(hashes()[start:stop]),
                start=start, stop=stop, size=size, left=left, right=right,
            )  # fmt: skip
            assert found == root


@pytest.mark.parametrize("start", [0, 1, 255, 256, 257, 700])
@pytest.mark.parametrize("stop", [701, 768, 999, 1000])
def test_ranges_across_the_edges_of_tiles_lead_to_the_root(start: int, stop: int) -> None:
    left, right = merkle.range_proof(TREE, start=start, stop=stop, size=1000)
    root = TREE.tree_hash(0, 1000)

    verify_range(
        hashes()[start:stop],
        start=start, stop=stop, size=1000, left=left, right=right, root=root,
    )  # fmt: skip


@pytest.mark.parametrize("base", [1, 5, 17, 25])
def test_no_single_bit_of_an_inclusion_proof_can_turn(base: int) -> None:
    case = PROOFS["inclusion"][base]

    for forged in flips(raw(case["proof"])):
        with pytest.raises(ProofRefused, match="inclusion"):
            inclusion(case, proof=forged)


@pytest.mark.parametrize("base", [3, 6, 8, 12, 13])
def test_no_single_bit_of_a_consistency_proof_can_turn(base: int) -> None:
    case = PROOFS["consistency"][base]

    for forged in flips(raw(case["proof"])):
        with pytest.raises(ProofRefused, match="consistency"):
            consistency(case, proof=forged)


def test_no_single_bit_of_a_range_proof_can_turn() -> None:
    case = PROOFS["range"][2]

    for side in ("left", "right"):
        for forged in flips(raw(case[side])):
            with pytest.raises(ProofRefused, match="range_root"):
                in_range(case, **{side: forged})


@pytest.mark.parametrize("size", [7, 130, 256, 257])
def test_a_proof_holds_at_no_other_place_and_no_other_length(size: int) -> None:
    root = TREE.tree_hash(0, size)
    proof = merkle.inclusion_proof(TREE, index=size // 2, size=size)

    for index in range(size):
        if index != size // 2:
            with pytest.raises(ProofRefused):
                verify_inclusion(
                    hashes()[size // 2], index=index, size=size, proof=proof, root=root
                )
    for wrong in ((*proof, ZERO), (ZERO, *proof), proof[1:], proof[:-1], ()):
        with pytest.raises(ProofRefused):
            verify_inclusion(
                hashes()[size // 2], index=size // 2, size=size, proof=wrong, root=root
            )


def test_a_rebuilt_history_is_not_consistent() -> None:
    forged = Naive([*hashes()[:40], ZERO, *hashes()[41:]])

    for old in range(41, 100):
        with pytest.raises(ProofRefused, match="consistency"):
            verify_consistency(
                old=old,
                new=100,
                old_root=TREE.tree_hash(0, old),
                new_root=forged.tree_hash(0, 100),
                proof=merkle.consistency_proof(forged, old=old, new=100),
            )


def test_a_range_cannot_lose_change_or_swap_a_leaf() -> None:
    case = PROOFS["range"][5]
    place: dict[str, Any] = {"start": 100, "stop": 300, "size": 1000}
    place |= {"left": raw(case["left"]), "right": raw(case["right"])}
    honest, root = hashes()[100:300], b64decode(case["root"])

    for forged, why in (
        (honest[:-1], "shape"),
        ((*honest, hashes()[300]), "shape"),
        ((*honest[:7], *honest[8:]), "shape"),
        ((*honest[:7], ZERO, *honest[8:]), "range_root"),
        ((honest[1], honest[0], *honest[2:]), "range_root"),
        ((*honest[:-1], b"short"), "shape"),
    ):
        with pytest.raises(ProofRefused, match=why):
            verify_range(forged, **place, root=root)


def test_an_inner_node_is_no_leaf() -> None:
    node = TREE.node(1, 0)

    with pytest.raises(ProofRefused):
        verify_inclusion(node, index=0, size=4, proof=[TREE.node(1, 1)], root=TREE.tree_hash(0, 4))


@pytest.mark.parametrize(("old", "new"), [(-1, 2), (3, 2)])
def test_nothing_is_consistent_with_what_is_not_there(old: int, new: int) -> None:
    with pytest.raises(ProofRefused, match="shape"):
        merkle.consistency_proof(TREE, old=old, new=new)
    with pytest.raises(ProofRefused, match="shape"):
        verify_consistency(old=old, new=new, old_root=ZERO, new_root=ZERO, proof=[])


@pytest.mark.parametrize(("start", "stop"), [(2, 2), (3, 2), (-1, 2), (0, 5)])
def test_an_empty_or_outlying_range_proves_nothing(start: int, stop: int) -> None:
    with pytest.raises(ProofRefused, match="shape"):
        merkle.range_proof(TREE, start=start, stop=stop, size=4)


def test_a_hash_of_another_length_is_no_hash() -> None:
    with pytest.raises(ProofRefused, match="shape"):
        verify_inclusion(ZERO, index=0, size=2, proof=[bytes(31)], root=ZERO)
    with pytest.raises(ProofRefused, match="shape"):
        merkle.inclusion_proof(TREE, index=4, size=4)
