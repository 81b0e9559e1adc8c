"""An .xls goes out as an .xls, cell for cell, but for R and V."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
import xlrd
import xlwt

from accounts.workbooks.grid import _formulas
from accounts.workbooks.grid import old_book as reopened
from attest.errors import SheetRefused
from settlement.sheets.filling import Fill, filled_as_it_came
from settlement.sheets.month import read_month
from settlement.sheets.old_filling import filled_old
from tests.settlement.sheets.samples import old_book, row, saved, xls, xlsx

R, V = 17, 21


def opened(raw: bytes) -> Any:
    return xlrd.open_workbook(file_contents=raw, formatting_info=True)


def looks(book: Any) -> dict[tuple[int, int, int], Any]:
    """Every cell of every sheet with its style, but R and V of the data."""
    return {
        (n, y, x): (cell.ctype, cell.value, cell.xf_index)
        for n, sheet in enumerate(book.sheets())
        for y in range(sheet.nrows)
        for x, cell in enumerate(sheet.row(y))
        if n or y < 4 or x not in {R, V}
        if cell.ctype != xlrd.XL_CELL_EMPTY
    }


def rich() -> Any:
    """Styles, runs of empty and of round cells, a formula, a hidden row, a second sheet."""
    start = datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001 -- a cell knows no zone
    book = old_book(row(E=start, V="현장"), row(B=2, O="bora"), row(B=3, O="felix"))
    sheet = book.get_sheet(0)
    bold = xlwt.easyxf("font: bold on; pattern: pattern solid, fore_colour yellow")
    money = xlwt.easyxf(num_format_str="#,##0")
    for x in range(14, 23):
        if x not in {14, 19, 20}:
            sheet.write(5, x, None, bold)
    for x in (15, 16, 17, 18):
        sheet.write(6, x, 100 + x, money)
    sheet.write(8, R, xlwt.Formula("SUM(R5:R7)"), bold)
    sheet.row(5).hidden = True
    other = book.add_sheet("다른 시트")
    other.write(0, 0, "그대로")
    other.write(1, 0, xlwt.Formula("1+1"))
    book.add_sheet("빈 시트")
    return book


def test_sums_and_reasons_stand_in_their_cells_with_the_style_they_had() -> None:
    raw = saved(rich())
    fills = {5: Fill(20_000, "1일 상한"), 6: Fill(10_000), 7: Fill(0, "확인 필요")}

    out = opened(filled_as_it_came(raw, fills))

    before, sheet = opened(raw), out.sheet_by_index(0)
    assert [sheet.cell_value(y, R) for y in (4, 5, 6)] == [20_000, 10_000, 0]
    assert [sheet.cell_value(y, V) for y in (4, 5, 6)] == ["현장 · 1일 상한", "", "확인 필요"]
    assert sheet.cell_xf_index(5, R) == before.sheet_by_index(0).cell_xf_index(5, R)
    assert sheet.cell_xf_index(6, R) == before.sheet_by_index(0).cell_xf_index(6, R)


def test_every_other_cell_merge_width_and_sheet_stands() -> None:
    raw = saved(rich())

    out = opened(filled_as_it_came(raw, {n: Fill(20_000, "확인 필요") for n in (5, 6, 7)}))

    before = opened(raw)
    assert looks(out) == looks(before)
    assert out.sheet_names() == before.sheet_names()
    first, was = out.sheet_by_index(0), before.sheet_by_index(0)
    assert first.merged_cells == was.merged_cells
    assert first.colinfo_map.keys() == was.colinfo_map.keys()
    assert first.rowinfo_map[5].hidden


def test_a_formula_elsewhere_is_still_a_formula() -> None:
    out = filled_as_it_came(saved(rich()), {5: Fill(20_000)})

    assert (8, R) in set(_formulas(reopened(out)))


def test_what_changes_in_nothing_is_the_file_to_the_byte() -> None:
    raw = xls(row(R=20_000, V="현장"))

    assert filled_as_it_came(raw, {5: Fill(20_000)}) == raw


def test_filled_twice_is_filled_once() -> None:
    once = filled_as_it_came(xls(row()), {5: Fill(20_000, "확인 필요")})

    assert filled_as_it_came(once, {5: Fill(20_000, "확인 필요")}) == once


def test_the_rows_read_the_same_before_and_after() -> None:
    raw = saved(rich())
    out = filled_as_it_came(raw, {5: Fill(20_000)})

    assert [one.told and one.told.same for one in read_month(raw).rows] == [
        one.told and one.told.same for one in read_month(out).rows
    ]


@pytest.mark.parametrize("length", [1, 4_000, 4_110, 4_111, 9_000, 32_000])
def test_a_long_reason_runs_over_the_end_of_a_record(length: int) -> None:
    said = "가" * length

    out = opened(filled_old(xls(row()), {5: {"V": said, "R": 1}}))

    assert out.sheet_by_index(0).cell_value(4, V) == said


def test_a_thousand_rows_keep_their_order() -> None:
    raw = xls(*[row(B=n, O=f"시험{n}") for n in range(1, 1_001)])

    out = opened(filled_as_it_came(raw, {4 + n: Fill(n, f"이유 {n}") for n in range(1, 1_001)}))

    sheet = out.sheet_by_index(0)
    assert [sheet.cell_value(3 + n, R) for n in range(1, 1_001)] == list(range(1, 1_001))
    assert [sheet.cell_value(3 + n, V) for n in range(1, 1_001)] == [
        f"이유 {n}" for n in range(1, 1_001)
    ]


def test_a_formula_where_the_sum_belongs_is_not_written_over() -> None:
    with pytest.raises(SheetRefused, match="formula"):
        filled_as_it_came(xls(row(R=xlwt.Formula("1+1"))), {5: Fill(20_000)})


def test_a_new_workbook_stays_new() -> None:
    assert filled_as_it_came(xlsx(row()), {5: Fill(1)}).startswith(b"PK")


@pytest.mark.parametrize("place", range(0, 6_000, 97))
def test_a_flipped_byte_is_refused_or_read_never_a_crash(place: int) -> None:
    raw = bytearray(xls(row()))
    raw[512 + place % (len(raw) - 512)] ^= 0x5A

    try:
        out = filled_as_it_came(bytes(raw), {5: Fill(20_000, "확인 필요")})
    except SheetRefused:
        return
    assert out.startswith(b"\xd0\xcf\x11\xe0")


def test_it_can_be_opened_again_and_again() -> None:
    raw = xls(row(), row(B=2, O="bora"))
    for won in range(1, 6):
        raw = filled_old(raw, {5: {"R": won, "V": f"이유 {won}"}})

    sheet = opened(BytesIO(raw).getvalue()).sheet_by_index(0)
    assert (sheet.cell_value(4, R), sheet.cell_value(4, V)) == (5, "이유 5")
