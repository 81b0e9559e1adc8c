"""Cells and the signature as published, in both directions."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest.bundle import bag, workbook
from attest.bundle.cells import INTEGER, cell_of, csv_line, text_of
from attest.bundle.columns import LEAF_COLUMNS, LEAF_NAMES, LINE_COLUMNS
from attest.bundle.packing import Packer, unpacked
from attest.errors import ProofRefused
from tests.attest.log.vectors import ed25519, key, load

CELLS = load("cells")
DSSE = load("papers")["dsse"]


@pytest.mark.parametrize("case", CELLS["text"], ids=lambda case: repr(case["value"]))
def test_a_text_is_written_and_read_back_as_published(case: dict[str, str]) -> None:
    assert cell_of(case["value"]) == case["cell"]
    assert text_of(case["cell"]) == case["value"]


@pytest.mark.parametrize("text", CELLS["integer"])
def test_an_integer_is_written_bare(text: str) -> None:
    assert INTEGER.fullmatch(text)
    assert csv_line([int(text)]) == f"{text}\r\n".encode()


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_the_rule_of_cells_can_be_taken_back(text: str) -> None:
    assert text_of(cell_of(text)) == text


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))))
def test_a_line_is_read_back_by_any_reader_of_csv(texts: list[str]) -> None:
    line = csv_line([*texts, "end"]).decode()

    (read,) = csv.reader(StringIO(line, newline=""))
    assert [text_of(cell) for cell in read] == [*texts, "end"]


def test_the_signed_bytes_are_those_published() -> None:
    assert (
        bag.pae("application/vnd.in-toto+json", DSSE["payload"].encode()).hex() == DSSE["pae_hex"]
    )


def test_the_envelope_is_made_as_published() -> None:
    subjects = {one["name"]: one["digest"]["sha256"] for one in _statement()["subject"]}
    made = bag.envelope({"nonce": "n0"}, subjects, ed25519("export"))

    assert bag.open_envelope(made, [key("export")]) == _statement()
    assert _json(made) == DSSE["envelope"]


def test_the_published_envelope_opens() -> None:
    found = bag.open_envelope(_dumped(DSSE["envelope"]), [key("export")])

    assert found["predicate"] == {"nonce": "n0"}


@pytest.mark.parametrize("name", ["log", "receipt", "log_ecdsa"])
def test_it_opens_with_no_other_key(name: str) -> None:
    with pytest.raises(ProofRefused):
        bag.open_envelope(_dumped(DSSE["envelope"]), [key(name)])


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"null", b'{"payload":1}', b"\xff", b"[" * 100_000]
)
def test_noise_is_no_envelope(raw: bytes) -> None:
    with pytest.raises(ProofRefused):
        bag.open_envelope(raw, [key("export")])


def test_a_workbook_goes_on_a_new_sheet_when_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "PART", 1)
    monkeypatch.setattr(workbook, "_PARTS", 2)
    blank = [""] * (len(LEAF_NAMES) - 1)
    rows = [workbook.row_of(number, 0, [number, *blank]) for number in range(5)]

    def pieces(numbers: Iterable[int]) -> Iterator[bytes]:
        for number in numbers:
            packer = Packer()
            packer.write(rows[number])
            yield packer.close()

    leaves = workbook.sheets_of("기록", LEAF_COLUMNS, [1] * 5, pieces)
    lines = workbook.sheets_of("정산", LINE_COLUMNS, [0], lambda _: [])
    book = workbook.book_of(leaves, lines, guide=["a"], check=["b"])
    out = BytesIO(b"".join(unpacked(book.stream())))

    found = openpyxl.load_workbook(out)
    assert found.sheetnames == ["안내", "기록", "기록 2", "기록 3", "정산", "검증"]
    told = [
        [row[0] for row in found[name].iter_rows(min_row=3, values_only=True)]
        for name in found.sheetnames[1:4]
    ]
    assert told == [[0, 1], [2, 3], [4]]
    assert found["기록 2"]["A1"].value == "기록 번호"
    assert found["기록 2"].freeze_panes == "B3"
    assert found["기록 2"].auto_filter.ref.startswith("A2:")


def _statement() -> Any:
    return _json(DSSE["payload"].encode())


def _json(raw: bytes) -> Any:
    return json.loads(raw)


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode()
