"""Attacks of log.md §14 on the package and on copies of an auditor, each found by its code."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import openpyxl
import pytest

from attest.bundle.archive import Archive
from attest.bundle.sheets import saved_csv_rows, xlsx_rows
from attest.errors import BundleUnusable

from .town import (
    Town,
    codes,
    judged,
    members,
    repacked,
    resealed,
)

# -- packaging ---------------------------------------------------------------------------


def test_a_cell_edited_with_and_without_new_manifests(town: Town) -> None:
    def raise_(old: bytes) -> bytes:
        return old.replace(b",20000,20000,", b",20000,90000,", 1)

    files = members(town.bundle())
    files["data/lines.csv"] = raise_(files["data/lines.csv"])
    plain = judged(repacked(files))
    again = judged(resealed(files))
    stranger = judged(resealed(files, by="log"))

    assert codes(plain) == {"bag.digest", "table.cell"}
    assert codes(again) == {"table.cell"}
    assert codes(stranger) == {"table.cell", "sign.dsse_bad"}
    (one,) = [one for one in again.findings if one.code == "table.cell"]
    assert (one.file, one.row, one.column) == ("data/lines.csv", 2, "total")
    assert (one.expected, one.found) == (20_000, "90000")


def test_files_missing_unlisted_and_unsigned(town: Town) -> None:
    files = members(town.bundle())
    without = {name: raw for name, raw in files.items() if name != "data/leaves.csv"}
    unsigned = {name: raw for name, raw in files.items() if name != "export.dsse.json"}

    assert codes(judged(repacked(without))) == {"bag.missing_file"}
    assert codes(judged(repacked(files | {"data/run.exe": b"MZ"}))) == {"bag.unlisted_file"}
    assert codes(judged(repacked(files | {"extra.txt": b"x"}))) == {"bag.unlisted_file"}
    assert codes(judged(repacked(unsigned))) == {"sign.dsse_missing"}


def test_the_signature_of_another_bundle(town: Town) -> None:
    other = members(town.bundle(0, 9))["export.dsse.json"]
    files = members(town.bundle()) | {"export.dsse.json": other}

    assert {"sign.dsse_subject", "request.mismatch"} <= codes(judged(repacked(files)))


@pytest.mark.parametrize("raw", [b"x", b"\xff\n", b"0" * 64 + b" data\n", b"x  y\n" * 2])
def test_a_manifest_nobody_can_read(town: Town, raw: bytes) -> None:
    files = members(town.bundle()) | {"manifest-sha256.txt": raw}

    assert "bag.format" in codes(judged(repacked(files)))


def bare(names: list[str], **said: Any) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive, warnings.catch_warnings():
        # Python itself is surprised by a name twice.
        warnings.simplefilter("ignore")
        for name in names:
            info = ZipInfo("x")
            info.filename = name
            info.compress_type = said.get("compress", ZIP_STORED)
            info.external_attr = said.get("mode", 0o100644) << 16
            info.extra = said.get("extra", b"")
            archive.writestr(info, said.get("content", b"x"))
        archive.comment = said.get("comment", b"")
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (bare(["a/b", "a/b"]), "zip.duplicate_name"),
        (bare(["a/b", "a/B"]), "zip.duplicate_name"),
        (bare(["a/../b"]), "zip.unsafe_name"),
        (bare(["/a/b"]), "zip.unsafe_name"),
        (bare(["a\\b/c"]), "zip.unsafe_name"),
        (bare(["C:/a"]), "zip.unsafe_name"),
        (bare(["a/b", "c/d"]), "zip.unsafe_name"),
        (bare(["b"]), "zip.unsafe_name"),
        (bare(["a/가"]), "zip.unsafe_name"),
        (bare(["a/"]), "zip.unsafe_name"),
        (bare(["a/b"], mode=0o120777), "zip.unsafe_name"),
        (bare(["a/b"], extra=b"\x01\x00\x00\x00"), "zip.header_mismatch"),
        (bare(["a/b"], comment=b"x"), "zip.stray_bytes"),
        (b"MZ" + bare(["a/b"]), "zip.stray_bytes"),
        (bare(["a/b"]) + b"x", "zip.stray_bytes"),
        (bare(["a/b"], content=bytes(1 << 20), compress=ZIP_DEFLATED), "zip.too_large"),
        (bare([]), "zip.unreadable"),
        (b"", "zip.unreadable"),
        (b"PK\x05\x06", "zip.unreadable"),
        (bare(["a/b"])[:-30], "zip.unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_archive_that_two_readers_could_see_differently(raw: bytes, code: str) -> None:
    with pytest.raises(BundleUnusable) as no:
        Archive(BytesIO(raw))
    assert no.value.why == code


@pytest.mark.parametrize(("at", "code"), [(6, "encrypted"), (26, ""), (14, ""), (8, "")])
def test_a_local_header_that_says_something_else(town: Town, at: int, code: str) -> None:
    raw = bytearray(town.bundle())
    raw[at] ^= 1

    with pytest.raises(BundleUnusable) as no:
        Archive(BytesIO(bytes(raw)))
    assert no.value.why == "zip.header_mismatch"


def test_every_flipped_bit_is_found_or_makes_it_unreadable() -> None:
    town = Town()
    town.found()
    town.whole_trip()
    raw = town.bundle()
    for bit in range(0, 8 * len(raw), len(raw) // 5):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            report = judged(bytes(flipped))
        except BundleUnusable:
            continue
        assert report.exit != 0, bit


# -- copies of the auditor ---------------------------------------------------------------


def copy_of(raw: bytes, edit: Callable[[Any], None]) -> dict[str, Any]:
    """The workbook, opened, edited and saved by another program."""
    book = openpyxl.load_workbook(BytesIO(members(raw)["data/leaves.xlsx"]))
    edit(book)
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return {"mine.xlsx": xlsx_rows(out, what="mine.xlsx")}


def test_a_workbook_sorted_and_filtered_by_the_auditor_still_agrees(town: Town) -> None:
    def sort(book: Any) -> None:
        sheet = book["기록"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        kept = [row for row in reversed(rows) if row[1] != "approval"]
        sheet.delete_rows(3, len(rows))
        for row in kept:
            sheet.append(row)
        sheet.delete_cols(3)
        book["정산"].cell(1, 20).value = "내 메모"

    raw = town.bundle()
    report = judged(raw, tables=copy_of(raw, sort))
    assert codes(report, "fail", "warn") == set()


def test_a_sum_changed_in_the_copy_is_named_by_sheet_and_row(town: Town) -> None:
    def raise_(book: Any) -> None:
        book["정산"]["K4"] = 90_000

    raw = town.bundle()
    report = judged(raw, tables=copy_of(raw, raise_))
    (one,) = [one for one in report.findings if one.code == "table.cell"]
    assert (one.file, one.sheet, one.row, one.column) == ("mine.xlsx", "정산", 4, "total")
    assert one.ko.startswith("mine.xlsx ‘정산’ 시트 4행(기록 ")
    assert "sheet ‘정산’ row 4" in one.en


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://evil.example")'])
@pytest.mark.parametrize("sheet", ["기록", "정산", "안내"])
def test_a_formula_in_the_copy(town: Town, formula: str, sheet: str) -> None:
    def put(book: Any) -> None:
        book[sheet]["B3" if sheet != "안내" else "A3"] = formula

    raw = town.bundle()
    assert codes(judged(raw, tables=copy_of(raw, put))) == {"table.formula"}


def test_a_row_that_is_in_no_log(town: Town) -> None:
    def add(book: Any) -> None:
        book["기록"].append([999, "checkin"])

    raw = town.bundle()
    assert codes(judged(raw, tables=copy_of(raw, add))) == {"table.rows"}


def test_a_row_copied_twice(town: Town) -> None:
    def add(book: Any) -> None:
        book["기록"].append([cell.value for cell in book["기록"][5]])

    raw = town.bundle()
    assert codes(judged(raw, tables=copy_of(raw, add))) == {"table.rows"}


def resaved(raw: bytes, edit: Callable[[list[list[str]]], None], encoding: str) -> dict[str, Any]:
    text = members(raw)["data/leaves.csv"].decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text, newline="")))
    edit(rows)
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return {"mine.csv": saved_csv_rows(out.getvalue().encode(encoding), what="mine.csv")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_csv_saved_again_without_quotes_still_agrees(town: Town, encoding: str) -> None:
    raw = town.bundle()

    report = judged(raw, tables=resaved(raw, _turned, encoding))
    assert codes(report, "fail", "warn") == set()


def _turned(rows: list[list[str]]) -> None:
    rows[1:] = rows[:0:-1]


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("at_kst", lambda _: "2026-10-05 9:36"),
        ("at_kst", lambda _: "2026/10/05 오전 9:36:00"),
        ("at_kst", lambda _: "46300.4"),
        ("lat_e6", lambda _: "35,253,647"),
        ("lat_e6", lambda _: "3.52536E+07"),
        ("lat_e6", lambda _: "35253647.0"),
        ("verdict", lambda old: f" {old} "),
    ],
)
def test_a_value_a_spreadsheet_rewrote_is_called_that(
    town: Town, column: str, change: Callable[[str], str]
) -> None:
    def rewrite(rows: list[list[str]]) -> None:
        at = rows[0].index(column)
        rows[12][at] = change(rows[12][at])

    raw = town.bundle()
    report = judged(raw, tables=resaved(raw, rewrite, "utf-8"))
    assert (codes(report), codes(report, "warn")) == (set(), {"table.reformatted"})


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("at_kst", "2026-10-05 9:34"),
        ("at_kst", "46300.4979166667"),
        ("lat_e6", "35,253,648"),
        ("lat_e6", "3.52537E+07"),
        ("lat_e6", ""),
        ("verdict", "REVIEW"),
        ("leaf_hash", "x00"),
    ],
)
def test_another_value_is_not_excused(town: Town, column: str, text: str) -> None:
    def rewrite(rows: list[list[str]]) -> None:
        rows[12][rows[0].index(column)] = text

    raw = town.bundle()
    assert codes(judged(raw, tables=resaved(raw, rewrite, "utf-8"))) == {"table.cell"}


@pytest.mark.parametrize("raw", [b"", b"not a workbook", b"PK\x05\x06" + bytes(18)])
def test_noise_for_a_table_is_unusable_and_no_failure(town: Town, raw: bytes) -> None:
    report = judged(town.bundle(), tables={"x": xlsx_rows(BytesIO(raw), what="x")})

    assert report.exit == 2


def test_a_workbook_with_a_document_type_is_not_read(town: Town) -> None:
    out = BytesIO()
    with ZipFile(out, "w") as book:
        book.writestr("xl/_rels/workbook.xml.rels", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    out.seek(0)

    with pytest.raises(BundleUnusable):
        list(xlsx_rows(out, what="x"))
