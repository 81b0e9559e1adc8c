"""Whoever draws a month's book is killed with it half done: no row of it is found on the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import openpyxl
import pytest

from settlement.sheets.books import extract_of
from settlement.sheets.extracts import with_extracts
from settlement.sheets.filling import Fill, filled
from tests.settlement.sheets.samples import row, xls

from .killed import paid

ROOT = Path(__file__).parents[3]
# More rows than any buffer of a file would hold back.
ROWS = 3_000


@pytest.mark.parametrize("kind", ["extract", "payments", "statement", "school", "summary"])
def test_a_sudden_end_leaves_no_row_in_the_clear(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    line = [sys.executable, "-m", "tests.settlement.sheets.killed", kind, str(ROWS)]

    done = subprocess.run(
        line,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [path.name for path in place.rglob("*")] == []


def test_where_no_file_can_be_named_all_of_them_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old format made new, and the extracts put into it: by way of no file with a name."""
    raw, rows = xls(row(I="=가온시험관")), [paid(number) for number in range(3)]
    unnamed = TemporaryFile()  # noqa: SIM115 -- the one way that leaves nothing behind
    monkeypatch.setattr("settlement.sheets.books.TemporaryFile", lambda: unnamed)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))

    extracts = extract_of(rows, [["두루미"]])
    both = with_extracts(filled(raw, {5: Fill(10_000, "4시간 미만")}), extracts)

    names = openpyxl.load_workbook(BytesIO(both)).sheetnames
    assert set(names) == {"관내출장내역", "요약", "정리결과"}
