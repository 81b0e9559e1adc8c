"""The workbook goes out as it came in, but for R and V."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.styles import Font

from attest.errors import SheetRefused
from settlement.sheets.filling import Fill, filled
from settlement.sheets.month import read_month
from tests.settlement.sheets.samples import new_book, row, saved, xls, xlsx


def opened(raw: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(raw)).active


def looks(sheet: Any) -> dict[str, Any]:
    """Every cell but R and V of the data, with how it is drawn."""
    return {
        cell.coordinate: (cell.value, cell.number_format, cell.font.b, cell.fill.fgColor.rgb)
        for line in sheet.iter_rows()
        for cell in line
        if cell.row < 5 or cell.column_letter not in {"R", "V"}
    }


def test_sum_and_reason_are_filled_and_every_other_cell_stands() -> None:
    raw = xlsx(row(V="현장"), row(B=2, O="bora"))

    after = opened(filled(raw, {5: Fill(20_000, "1일 상한"), 6: Fill(10_000)}))

    assert (after["R5"].value, after["V5"].value) == (20_000, "현장 · 1일 상한")
    assert (after["R6"].value, after["V6"].value) == (10_000, None)
    assert after["R5"].number_format == "#,##0"
    before = opened(raw)
    assert looks(after) == looks(before)
    assert set(after.merged_cells.ranges) == set(before.merged_cells.ranges)
    assert after.column_dimensions["I"].width == before.column_dimensions["I"].width


def test_a_row_that_changes_in_nothing_leaves_the_file_as_it_was_to_the_byte() -> None:
    raw = xlsx(row(R=20_000, V="현장 · 1일 상한"))

    assert filled(raw, {5: Fill(20_000, "1일 상한")}) == raw


def test_filled_twice_is_filled_once() -> None:
    once = filled(xlsx(row()), {5: Fill(20_000, "확인 필요")})

    assert filled(once, {5: Fill(20_000, "확인 필요")}) == once


def test_all_parts_but_the_first_sheet_are_copied_to_the_byte() -> None:
    book = new_book(row())
    book.create_sheet("다른 시트")["A1"] = "그대로"
    raw = saved(book)

    out = filled(raw, {5: Fill(20_000)})

    with ZipFile(BytesIO(raw)) as before, ZipFile(BytesIO(out)) as after:
        assert before.namelist() == after.namelist()
        changed = [n for n in before.namelist() if before.read(n) != after.read(n)]
    assert changed == ["xl/worksheets/sheet1.xml"]


def test_a_bold_reason_stays_bold() -> None:
    book = new_book(row(V="현장"))
    book.active["V5"].font = Font(bold=True)

    after = opened(filled(saved(book), {5: Fill(0, "왕복 2km 이내 실비")}))

    assert after["V5"].font.b
    assert after["R5"].value == 0


def test_a_reason_that_begins_like_a_formula_stays_a_text() -> None:
    book = new_book(row())
    book.active["V5"].value = "=1+1"
    book.active["V5"].data_type = "s"

    after = opened(filled(saved(book), {5: Fill(10_000, "확인 필요")}))

    assert (after["V5"].value, after["V5"].data_type) == ("=1+1 · 확인 필요", "s")


def test_markup_in_a_reason_is_text() -> None:
    after = opened(filled(xlsx(row()), {5: Fill(None, "<c r='R6'/> & 계")}))

    assert after["V5"].value == "<c r='R6'/> & 계"


def test_a_formula_where_the_sum_belongs_is_not_written_over() -> None:
    with pytest.raises(SheetRefused, match="formula"):
        filled(xlsx(row(R="=10000*2")), {5: Fill(20_000)})


def test_a_row_that_is_not_there_is_not_made_up() -> None:
    with pytest.raises(SheetRefused):
        filled(xlsx(row()), {9: Fill(20_000)})


def test_an_old_workbook_comes_out_new_with_its_values_merges_and_dates() -> None:
    start = datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001 -- a cell knows no zone
    raw = xls(row(E=start, I="=가온시험관"))

    out = filled(raw, {5: Fill(20_000, "확인 필요")})

    after = opened(out)
    assert out.startswith(b"PK")
    assert (after["R5"].value, after["V5"].value, after["E5"].value) == (20_000, "확인 필요", start)
    assert (after["I5"].value, after["I5"].data_type) == ("=가온시험관", "s")
    assert "B2:W2" in {str(merge) for merge in after.merged_cells.ranges}
    assert after.column_dimensions["I"].width == 31
    before, again = read_month(raw).rows[0].told, read_month(out).rows[0].told
    assert before
    assert again
    assert (again.starts_at, again.same) == (before.starts_at, before.same)
