"""After an erasure no byte of it is left: in no file of the database, backup or export."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a thief of the disk finds before and after."""
    plain = {name: value for name, value in os.environ.items() if "TRIPSEAL" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "tests.audit.wiped"],
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
        env=plain | {"TRIPSEAL_DATA": str(tmp_path_factory.mktemp("wiped"))},
    )
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_search_finds_every_sealed_value_while_it_is_kept(disk: dict[str, Any]) -> None:
    found = {hit.partition(" in ")[0] for hit in disk["before"]}

    assert len(found) == disk["secrets"] > 10
    assert any("db.sqlite3" in hit for hit in disk["before"])


def test_and_what_they_hide_while_the_key_is_there(disk: dict[str, Any]) -> None:
    assert len(disk["opened_before"]) >= disk["points"] > 10


def test_afterwards_no_piece_of_any_of_them_is_on_the_disk(disk: dict[str, Any]) -> None:
    assert disk["after"] == []
    assert {"db.sqlite3", "backup.sqlite3", "bundle", "opened"} <= set(disk["places"])


def test_nor_a_coordinate_in_any_spelling_wherever_one_looks(disk: dict[str, Any]) -> None:
    assert disk["spelled_after"] == []
