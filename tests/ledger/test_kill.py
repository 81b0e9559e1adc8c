"""Killed anywhere, the next run goes on: nothing lost, nothing doubled, nothing reordered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from attest.log.leaf import leaf_hash
from attest.log.strict64 import decode64
from tests.attest.log.naive import Naive

ROOT = Path(__file__).parents[2]
LIVES_S = [0.05, 0.13, 0.08, 0.21, 0.17, 0.34, 0.11, 0.27, 0.4, 0.19]


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ten sudden deaths have left of a server with a database in a file."""
    plain = {name: value for name, value in os.environ.items() if "TRIPSEAL" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.killed"],
        input=json.dumps(LIVES_S),
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        env=plain | {"TRIPSEAL_DATA": str(tmp_path_factory.mktemp("killed"))},
    )
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_worker_was_killed_in_the_midst_of_its_work(aftermath: dict[str, Any]) -> None:
    assert aftermath["ends"] == [[True, True]] * len(LIVES_S)
    assert aftermath["deeds"]


def test_every_deed_has_its_leaf_and_every_leaf_its_deed(aftermath: dict[str, Any]) -> None:
    leaves = [hashed for _, hashed, _ in aftermath["leaves"]]

    assert aftermath["waiting"] == 0
    assert len(leaves) == len(set(leaves))
    assert set(aftermath["deeds"]) <= set(leaves)
    assert aftermath["placed"] == len(aftermath["deeds"]) + aftermath["announced"]


def test_the_leaves_of_the_trip_stand_in_their_order(aftermath: dict[str, Any]) -> None:
    told = [json.loads(entry) for _, _, entry in aftermath["leaves"]]
    line = [one for one in told if one["t"] == "trip-open"]
    hashes = [leaf_hash(entry.encode()) for _, _, entry in aftermath["leaves"] if '"pc"' in entry]

    assert [one["n"] for one in line] == list(range(len(aftermath["deeds"])))
    assert [decode64(one["pc"]) for one in line] == [b"", *hashes[:-1]]


def test_places_are_given_once_and_the_tree_stands_on_them(aftermath: dict[str, Any]) -> None:
    indexes = [index for index, _, _ in aftermath["leaves"]]
    tree = Naive([bytes.fromhex(hashed) for _, hashed, _ in aftermath["leaves"]])

    size = len(indexes)
    assert indexes == list(range(size))
    assert all(later - earlier == 1 for earlier, later in pairwise(indexes))
    assert aftermath["head"] == [size, tree.tree_hash(0, size).hex()]
    assert [hashed for _, hashed, _ in aftermath["leaves"]] == [
        leaf_hash(entry.encode()).hex() for _, _, entry in aftermath["leaves"]
    ]


def test_what_was_signed_last_is_what_stands(aftermath: dict[str, Any]) -> None:
    size = aftermath["checkpoint"].split("\n")[1]

    assert int(size) == len(aftermath["leaves"])
    assert aftermath["head_file"] == aftermath["checkpoint"]
    assert aftermath["fault"] == ""
