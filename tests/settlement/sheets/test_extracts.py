"""The filled workbook carries 요약 and 정리결과 behind what it came with."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.styles import NamedStyle

from attest.values import KST
from settlement.sheets.books import Paid, extract_of, sorted_cells
from settlement.sheets.extracts import with_extracts
from settlement.sheets.month import HEADERS, read_month
from tests.settlement.sheets.samples import new_book, row, saved, xlsx

START = datetime(2026, 11, 2, 9, tzinfo=KST)


def paid(person: int, day: int, won: int, name: str = "가온") -> Paid:
    at = START + timedelta(days=day)
    return Paid(
        uid="u",
        number="BT26-000001",
        department="안전과",
        name=name,
        person=person,
        grade=2,
        starts_at=at,
        ends_at=at + timedelta(hours=5),
        place="시험구청",
        purpose="점검",
        vehicle="대중교통",
        won=won,
        flat=won,
        actual=0,
    )


def ours(rows: list[Paid] | None = None) -> bytes:
    rows = rows or [paid(1, day, 20_000) for day in range(16)] + [paid(2, 0, 10_000, "=나리")]
    original = [*(f"{title}값" for title in HEADERS.values()), *sorted_cells(18_000, 20_000)]
    return extract_of(rows, [original])


def opened(raw: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(raw))


def test_theirs_stands_first_and_ours_is_shown() -> None:
    book = opened(with_extracts(xlsx(row()), ours()))

    assert book.sheetnames == ["관내출장내역", "요약", "정리결과"]
    assert book.active.title == "요약"
    chosen = [sheet.title for sheet in book if sheet.sheet_view.tabSelected]
    assert chosen == ["요약"]


def test_the_rows_it_came_with_are_read_as_before() -> None:
    raw = xlsx(row(), row(B=2, O="bora"))
    out = with_extracts(raw, ours())

    assert [one.told for one in read_month(out).rows] == [one.told for one in read_month(raw).rows]


def test_colours_sums_and_names_arrive() -> None:
    page = opened(with_extracts(xlsx(row()), ours()))["요약"]

    assert (page["A2"].value, page["B2"].value) == ("가온", 20_000)
    assert page["C2"].value.startswith("=B2*COUNT(")
    assert page["A2"].fill.fgColor.rgb == "FFFFC0CB"
    assert (page["A3"].value, page["A3"].data_type) == ("'=나리", "s")


def test_sorted_rows_have_the_columns_they_came_with_and_three_more() -> None:
    page = opened(with_extracts(xlsx(row()), ours()))["정리결과"]
    head, line = ([cell.value for cell in one] for one in page.iter_rows())

    assert head == [*HEADERS.values(), "4시간 구분", "1시간 미만", "지급액"]
    assert line[-3:] == ["4시간이상", None, 20_000]
    assert page["T2"].number_format == "#,##0"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (3_599, ["4시간미만", "1시간 미만", 1]),
        (3_600, ["4시간미만", "", 1]),
        (14_399, ["4시간미만", "", 1]),
        (14_400, ["4시간이상", "", 1]),
    ],
)
def test_both_sides_of_an_hour_and_of_four(seconds: int, told: list[Any]) -> None:
    assert sorted_cells(seconds, 1) == told


def test_their_styles_formats_and_parts_stand() -> None:
    book = new_book(row())
    book.add_named_style(NamedStyle("금액", number_format='#,##0"원"'))
    book.active["R5"].style = "금액"
    book.active["R5"].value = 7
    book.create_sheet("다른 시트")["A1"] = "그대로"
    raw = saved(book)

    out = with_extracts(raw, ours())

    before, after = opened(raw), opened(out)
    for sheet in before:
        for line in sheet.iter_rows():
            for cell in line:
                there = after[sheet.title][cell.coordinate]
                said = (there.value, there.number_format, there.font.b, there.fill.fgColor.rgb)
                assert said == (cell.value, cell.number_format, cell.font.b, cell.fill.fgColor.rgb)
    assert after["정리결과"]["T2"].number_format == "#,##0"
    with ZipFile(BytesIO(out)) as parts:
        assert parts.testzip() is None
        assert len(set(parts.namelist())) == len(parts.namelist())


def test_an_export_that_comes_back_once_more_keeps_its_own() -> None:
    twice = with_extracts(with_extracts(xlsx(row()), ours()), ours())

    names = ["관내출장내역", "요약", "정리결과", "요약 (2)", "정리결과 (2)"]
    assert opened(twice).sheetnames == names
    assert opened(twice).active.title == "요약 (2)"
    assert read_month(twice).rows[0].told == read_month(xlsx(row())).rows[0].told
