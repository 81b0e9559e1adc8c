"""A rotation of the log's keys is killed wherever it touches a file, and the next run ends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Turn = dict[str, Any]


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> list[Turn]:
    plain = {name: value for name, value in os.environ.items() if "TRIPSEAL" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.killed_rotation"],
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        env=plain | {"TRIPSEAL_DATA": str(tmp_path_factory.mktemp("killed"))},
    )
    assert done.stderr == ""
    found: list[Turn] = json.loads(done.stdout)
    return found


def test_it_was_killed_before_between_and_behind_its_files(turns: list[Turn]) -> None:
    begun = [tuple(turn["begun"]) for turn in turns]

    both = ("log-ed25519.pem", "log-p256.pem")
    assert {(), both[:1], both, both[1:]} == set(begun)
    # Between a file's making and its writing too, for each of the two heirs.
    assert {()} < {tuple(turn["begun"]) for turn in turns if turn["empty"]}
    assert len(turns) > 8


def test_the_log_goes_on_after_the_kill_and_the_next_run_ends_the_rotation(
    turns: list[Turn],
) -> None:
    for step, turn in enumerate(turns, start=1):
        assert (turn["fault"], turn["fault at the end"], turn["waiting"]) == ("", "", 0), step
        assert (turn["new keys signed"], turn["old keys signed"]) == (True, False), step
        assert (turn["heirs left"], turn["modes"]) == ([], [0o600]), step
        assert turn["drafts left"] == [], step


def test_each_rotation_stands_in_the_log_once(turns: list[Turn]) -> None:
    before = [0, *(turn["rotations"] for turn in turns)]
    made = [after - earlier for earlier, after in pairwise(before)]

    # Two leaves, one of each key. What was whole before the kill is followed by another one.
    assert {*made} == {2, 4}
    assert [count for count, turn in zip(made, turns, strict=True) if turn["begun"]] == [2] * sum(
        bool(turn["begun"]) for turn in turns
    )
    assert [turn["retired"] for turn in turns] == before[1:]


def test_every_head_of_every_generation_is_believed(turns: list[Turn]) -> None:
    assert [turn["heads"] for turn in turns] == [turn["sizes"] for turn in turns]
    assert len(turns[-1]["sizes"]) > len(turns)
