"""Our Parquet before a reader of other people, and before our own verifier."""

from __future__ import annotations

import csv
import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from attest.bundle import parquet
from attest.bundle.cells import text_of
from attest.bundle.columns import INT, LEAF_COLUMNS, TEXT
from attest.bundle.parquet import MAGIC, Parquet, footer_of
from tests.attest.bundle.attacking import changed
from tests.attest.bundle.town import Town, codes, judged, members

READER = Path(__file__).with_name("parquet") / "read.js"
COLUMNS = (("n", "수", INT), ("word", "말", TEXT))
VIEW = "data/leaves.parquet"


def read(raw: bytes, folder: Path) -> list[dict[str, Any]]:
    file = folder / "x.parquet"
    file.write_bytes(raw)
    done = subprocess.run(["node", READER, file], capture_output=True, check=True, text=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def written(rows: list[list[Any]]) -> bytes:
    table = Parquet(COLUMNS)
    pages = b"".join(map(table.row, rows)) + table.rest()
    return MAGIC + pages + footer_of(COLUMNS, table.groups)


@pytest.fixture(scope="module")
def town() -> Town:
    town = Town()
    town.found()
    town.whole_trip()
    town.look()
    town.beat()
    return town


@pytest.fixture(scope="module")
def raw(town: Town) -> bytes:
    return town.bundle(parquet=True)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_any_number_of_rows_is_read_as_it_was_written(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP", 3)
    most = 2**53 - 1
    values: list[list[Any]] = [
        [-most, "가"],
        ["", ""],
        [0, "=1+1"],
        [most, "x" * 300],
        [7, ""],
        ["", "b"],
        [1, 5],
    ]
    rows: list[list[Any]] = [values[n % 7] for n in range(count)]

    expected = [{"n": None if n == "" else n, "word": str(w) or None} for n, w in rows]
    assert read(written(rows), tmp_path) == expected


def test_what_fits_no_column_is_left_out_and_not_guessed(tmp_path: Path) -> None:
    assert read(written([["word", "a"], [2**70, "b"]]), tmp_path) == [
        {"n": None, "word": "a"},
        {"n": None, "word": "b"},
    ]


def test_a_reader_sees_in_it_what_the_csv_says(raw: bytes, tmp_path: Path) -> None:
    files = members(raw)
    text = files["data/leaves.csv"].decode("utf-8-sig")
    due = list(csv.DictReader(StringIO(text, newline="")))
    got = read(files[VIEW], tmp_path)

    assert len(got) == len(due) > 5
    kinds = {name: kind for name, _, kind in LEAF_COLUMNS}
    for mine, theirs in zip(due, got, strict=True):
        plain = {name: text_of(cell) if kinds[name] != INT else cell for name, cell in mine.items()}
        assert plain == {n: "" if v is None else str(v) for n, v in theirs.items()}


def test_a_bundle_with_it_verifies_and_one_without_lacks_nothing(raw: bytes, town: Town) -> None:
    assert codes(judged(raw)) == set()
    plain = town.bundle()
    assert VIEW not in members(plain)
    assert codes(judged(plain)) == set()


def test_a_value_changed_in_it_is_found_with_its_column(raw: bytes) -> None:
    def alter(table: bytes) -> bytes:
        assert b"checkin" in table
        return table.replace(b"checkin", b"chickin", 1)

    report = judged(changed(raw, VIEW, alter))
    assert codes(report) == {"table.cell"}
    assert [(one.file, one.column) for one in report.findings if one.code == "table.cell"] == [
        (VIEW, "type")
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table + b"x",
        lambda table: table[:-1],
        lambda table: table[:-9] + b"\1" + table[-8:],
        lambda table: b"PAR2" + table[4:],
        lambda table: table[:0],
    ],
    ids=["longer", "shorter", "footer", "magic", "empty"],
)
def test_any_other_bytes_are_found(raw: bytes, change: Any) -> None:
    assert codes(judged(changed(raw, VIEW, change))) & {"table.rows", "table.cell"}


def test_over_many_groups_the_one_is_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP", 4)
    raw = town.bundle(parquet=True)
    assert codes(judged(raw)) == set()

    def alter(table: bytes) -> bytes:
        head, _, tail = table.rpartition(b"heartbeat")
        return head + b"heartbeet" + tail

    found = [one for one in judged(changed(raw, VIEW, alter)).findings if one.severity == "fail"]
    assert [one.code for one in found] == ["table.cell"]
    assert found[0].leaf is not None
    assert found[0].leaf % 4 == 0
    assert found[0].leaf > 0
