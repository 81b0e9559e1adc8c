"""The personnel system's sheet: what is read, and every way it can be wrong, cell by cell."""

from __future__ import annotations

import struct
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from accounts.workbooks.grid import COLUMNS, MOST_ROWS
from accounts.workbooks.guard import MOST_BYTES
from attest.errors import SheetRefused
from attest.values import KST
from settlement.sheets.month import HEADERS, Reading, read_month
from settlement.sheets.words import CellFault
from tests.settlement.sheets.samples import new_book, old_book, row, saved, xls, xlsx

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=KST)


def refused(raw: bytes) -> SheetRefused:
    with pytest.raises(SheetRefused) as caught:
        read_month(raw)
    return caught.value


def fault(raw: bytes) -> CellFault:
    """The one fault of the one row."""
    (found,) = read_month(raw).rows
    (wrong,) = found.faults
    return wrong


def told(raw: bytes) -> Any:
    (found,) = read_month(raw).rows
    assert found.faults == ()
    return found.told


# --- what is read ---------------------------------------------------------------------


@pytest.mark.parametrize("made", [xlsx, xls])
def test_a_row_is_read_in_the_new_format_and_the_old(made: Any) -> None:
    said = told(made(row(R=20000)))

    assert (said.starts_at, said.ends_at) == (NINE, NINE.replace(hour=13, minute=30))
    assert (said.name, said.department, said.place) == ("ada", "안전총괄과", "시험구청")
    assert (said.vehicle, said.purpose) == ("transit", "도로 점검")
    assert (said.won, said.grade, said.time_known) == (20_000, 2, True)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("2026-11-02 09:00", True),
        ("2026.11.02 09:00", True),
        ("2026/11/02 09:00", True),
        (datetime(2026, 11, 2, 9, 0), True),  # noqa: DTZ001 -- a cell knows no zone
        ("2026-11-02", False),
        ("2026.11.02", False),
        ("2026/11/02", False),
        (datetime(2026, 11, 2).date(), False),  # noqa: DTZ001
    ],
)
def test_a_date_is_a_cell_or_a_text(written: object, known: bool) -> None:  # noqa: FBT001
    said = told(xlsx(row(E=written)))

    assert said.starts_at == (NINE if known else NINE.replace(hour=0))
    assert said.time_known is known


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        ("4시간 30분", 270),
        ("4시간30분", 270),
        ("1일", 1440),
        ("1일 2시간", 1560),
        ("59분", 59),
        ("0시간", 0),
    ],
)
def test_a_length_is_read_in_days_hours_and_minutes(length: str, minutes: int) -> None:
    said = told(xlsx(row(G=length, F="2026-11-04")))

    assert (said.ends_at - said.starts_at).total_seconds() == minutes * 60


def test_a_row_whose_clocks_say_another_length_is_shown_with_both() -> None:
    said = told(xlsx(row(F="2026-11-02 15:00")))

    assert said.ends_at == NINE.replace(hour=13, minute=30)
    assert said.clock_end == NINE.replace(hour=15)


def test_rows_without_number_or_approval_are_counted_and_left() -> None:
    said = read_month(xlsx(row(), row(B=None), row(C=""), row(B=4, T="결재중"), row(B=5, T="")))

    assert (len(said.rows), said.unnumbered, said.unapproved) == (1, 2, 2)


def test_a_row_that_nobody_sees_is_read_and_said_to_be_hidden() -> None:
    book = new_book(row(), row(B=2, O="bora"))
    book.active.row_dimensions[6].hidden = True

    assert [one.hidden for one in read_month(saved(book)).rows] == [False, True]


def test_a_hidden_row_of_the_old_format_is_said_too() -> None:
    book = old_book(row(), row(B=2, O="bora"))
    book.get_sheet(0).row(5).hidden = True

    assert [one.hidden for one in read_month(saved(book)).rows] == [False, True]


def test_two_equal_rows_are_one_trip() -> None:
    first, second = read_month(xlsx(row(), row(B=2, I="시험 구청"))).rows

    assert first.faults == ()
    assert [(one.code, one.cell) for one in second.faults] == [("sheet.duplicate", "B6")]


# --- cells ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "code", "cell"),
    [
        ({"E": "2026-13-02"}, "sheet.date", "E5"),
        ({"E": "2026-11-31"}, "sheet.date", "E5"),
        ({"E": "2026-11.02"}, "sheet.date", "E5"),
        ({"E": "2026-11-02 24:00"}, "sheet.date", "E5"),
        ({"E": "11/02/2026"}, "sheet.date", "E5"),
        ({"E": 46328}, "sheet.date", "E5"),
        ({"F": "2026-11-01"}, "sheet.date", "F5"),
        ({"F": ""}, "sheet.date", "F5"),
        ({"G": "4.5시간"}, "sheet.duration", "G5"),
        ({"G": "네 시간"}, "sheet.duration", "G5"),
        ({"G": 4}, "sheet.duration", "G5"),
        ({"G": ""}, "sheet.duration", "G5"),
        ({"G": "-4시간"}, "sheet.duration", "G5"),
        ({"G": "٤시간"}, "sheet.duration", "G5"),
        ({"K": "관용차"}, "sheet.car", "K5"),
        ({"K": ""}, "sheet.car", "K5"),
        ({"R": -1}, "sheet.money", "R5"),
        ({"R": 10000.5}, "sheet.money", "R5"),
        ({"R": True}, "sheet.money", "R5"),
        ({"R": "2만원"}, "sheet.money", "R5"),
        ({"R": "1,00"}, "sheet.money", "R5"),
        ({"R": 1_000_000_001}, "sheet.money", "R5"),
        ({"U": "3"}, "sheet.grade", "U5"),
        ({"U": "제3호"}, "sheet.grade", "U5"),
        ({"O": ""}, "sheet.text", "O5"),
        ({"I": "가" * 101}, "sheet.text", "I5"),
        ({"L": "점검\u202e"}, "sheet.text", "L5"),
        ({"C": "관외"}, "sheet.area", "C5"),
        ({"R": "=20000"}, "sheet.formula", "R5"),
        ({"O": '=HYPERLINK("http://x")'}, "sheet.formula", "O5"),
    ],
)
def test_a_cell_that_cannot_be_honoured_is_named(
    cells: dict[str, Any], code: str, cell: str
) -> None:
    wrong = fault(xlsx(row(**cells)))

    assert (wrong.code, wrong.cell) == (code, cell)
    assert wrong.words.ko
    assert wrong.words.en


def test_every_fault_of_a_row_is_found_and_the_others_go_on() -> None:
    bad, good = read_month(xlsx(row(E="x", G="y", R="z"), row(B=2))).rows

    assert [one.cell for one in bad.faults] == ["E5", "G5", "R5"]
    assert good.told


def test_a_formula_of_the_old_format_is_found_as_well() -> None:
    wrong = fault(xls(row(R=xlwt.Formula("10000+10000"))))

    assert (wrong.code, wrong.cell) == ("sheet.formula", "R5")


def test_a_text_that_begins_like_a_formula_is_a_text() -> None:
    book = new_book(row())
    cell = book.active["I5"]
    cell.value = "=시험구청"
    cell.data_type = "s"

    assert told(saved(book)).place == "=시험구청"


# --- the file -------------------------------------------------------------------------


def test_every_heading_out_of_its_cell_is_named() -> None:
    wrong = refused(xlsx(row(), headers={**HEADERS, "E": "시작", "W": ""}))

    assert wrong.why == "sheet.header"
    assert [(c.cell, c.expected, c.found) for c in wrong.cells if isinstance(c, CellFault)] == [
        ("E4", "출발일자", "시작"),
        ("W4", "업무대행", ""),
    ]


def test_an_empty_workbook_lacks_all_seventeen() -> None:
    wrong = refused(saved(openpyxl.Workbook()))

    assert (wrong.why, len(wrong.cells)) == ("sheet.header", 17)


def test_a_sheet_of_which_no_row_is_left_says_what_it_left() -> None:
    wrong = refused(xlsx(row(T="결재중"), row(B="")))

    assert wrong.why == "sheet.empty"
    assert "결재 전 1" in str(wrong.cells)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(500),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000),
        "순번,구분,출발일자\n1,관내,2026-11-02".encode("cp949"),
        "<html><table><tr><td>순번</td></tr></table></html>".encode(),
        b"%PDF-1.7",
    ],
)
def test_what_is_no_workbook_is_refused_whatever_it_is_called(raw: bytes) -> None:
    assert refused(raw).why == "sheet.not_a_workbook"


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    assert refused(_zip({"a.txt": b"hello"})).why == "sheet.not_a_workbook"


def test_a_locked_workbook_says_so() -> None:
    raw = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")

    assert refused(raw).why == "sheet.encrypted"


def test_a_workbook_that_grows_without_end_is_not_unfolded() -> None:
    bomb = _zip({"xl/media/zeros.bin": bytes(201 * 1_048_576)}, onto=xlsx(row()))

    assert len(bomb) < 1_048_576
    assert refused(bomb).why == "sheet.too_large"


def test_what_the_archive_says_of_its_sizes_is_not_believed() -> None:
    bomb = bytearray(_zip({"xl/media/zeros.bin": bytes(201 * 1_048_576)}, onto=xlsx(row())))
    bomb = bytearray(bytes(bomb).replace(struct.pack("<L", 201 * 1_048_576), struct.pack("<L", 9)))

    assert refused(bytes(bomb)).why in {"sheet.too_large", "sheet.not_a_workbook"}


def test_no_entity_is_declared_in_a_workbook() -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'

    assert refused(_zip({"xl/evil.xml": lol}, onto=xlsx(row()))).why == "sheet.not_a_workbook"


def test_a_file_over_twenty_mebibytes_is_not_opened() -> None:
    assert refused(b"PK\x03\x04" + bytes(MOST_BYTES)).why == "sheet.too_large"


def test_more_rows_than_a_month_has_are_refused() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(3):
        sheet.append([])
    sheet.append([HEADERS.get(letter, "") for letter in COLUMNS])
    for number in range(MOST_ROWS):
        sheet.append(["", number])

    assert refused(saved(book)).why == "sheet.too_large"


@given(st.data())
def test_a_flipped_byte_is_read_or_refused_and_never_a_crash(data: st.DataObject) -> None:
    raw = bytearray(_SOUND[data.draw(st.sampled_from(["xls", "xlsx"]))])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))

    with suppress(SheetRefused):
        assert isinstance(read_month(bytes(raw)), Reading)


_SOUND = {"xls": xls(row()), "xlsx": xlsx(row())}


def _zip(members: dict[str, bytes], *, onto: bytes = b"") -> bytes:
    out = BytesIO(onto)
    with ZipFile(out, "a", ZIP_DEFLATED) as book:
        for name, content in members.items():
            book.writestr(name, content)
    return out.getvalue()
