"""Workbooks as the personnel system writes them, of invented people."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import xlwt
from openpyxl.styles import Font, PatternFill

from settlement.sheets.month import HEADERS

ROW: dict[str, Any] = {
    "B": 1,
    "C": "관내",
    "E": "2026-11-02 09:00",
    "F": "2026-11-02 13:30",
    "G": "4시간 30분",
    "I": "시험구청",
    "K": "미사용",
    "L": "도로 점검",
    "M": "안전총괄과",
    "O": "ada",
    "T": "결재완료",
    "U": "2",
    "V": "",
}
MERGES = ("C4:D4", "G4:H4", "I4:J4", "M4:N4", "P4:Q4", "B2:W2")


def row(**said: Any) -> dict[str, Any]:
    return {key: value for key, value in (ROW | said).items() if value not in (None, "")}


def new_book(*rows: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "관내출장내역"
    sheet["B2"] = "관내출장내역"
    sheet["B2"].font = Font(bold=True, size=16)
    for column, title in (headers or HEADERS).items():
        sheet[f"{column}4"] = title
        sheet[f"{column}4"].fill = PatternFill("solid", fgColor="DDDDDD")
    for number, cells in enumerate(rows, start=5):
        for column, value in cells.items():
            sheet[f"{column}{number}"] = value
        sheet[f"R{number}"].number_format = "#,##0"
    for merge in MERGES:
        sheet.merge_cells(merge)
    sheet.column_dimensions["I"].width = 31.5
    return book


def saved(book: Any) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(*rows: dict[str, Any], headers: dict[str, str] | None = None) -> bytes:
    return saved(new_book(*rows, headers=headers))


def old_book(*rows: dict[str, Any]) -> Any:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("관내출장내역")
    sheet.write_merge(1, 1, 1, 22, "관내출장내역")
    for column, title in HEADERS.items():
        sheet.write(3, ord(column) - 65, title)
    for number, cells in enumerate(rows, start=4):
        for column, value in cells.items():
            style = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
            plain = isinstance(value, str | int | xlwt.Formula)
            sheet.write(number, ord(column) - 65, value, *([] if plain else [style]))
    sheet.col(8).width = 31 * 256
    return book


def xls(*rows: dict[str, Any]) -> bytes:
    return saved(old_book(*rows))
