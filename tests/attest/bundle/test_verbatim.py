"""A view that is not what our writer makes is read as a table, and every cell of it judged.

Each attack leaves the bytes before it as they were: whoever compared only as far as it is easy
would not see it.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from .attacking import changed
from .town import Town, codes, judged, members

Parts = dict[str, bytes]
BOOK = "xl/workbook.xml"
LEAVES, LINES, GUIDE = (f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 3))


def parts_changed(raw: bytes, edit: Callable[[Parts], None]) -> bytes:
    """The bundle with parts of its workbook exchanged, all other parts to the byte as they were."""

    def rebuild(book: bytes) -> bytes:
        with ZipFile(BytesIO(book)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        edit(parts)
        out = BytesIO()
        with ZipFile(out, "w", ZIP_DEFLATED) as made:
            for name, content in parts.items():
                made.writestr(name, content)
        return out.getvalue()

    return changed(raw, "data/leaves.xlsx", rebuild)


def swapped(part: str, old: bytes, new: bytes, *, last: bool = False) -> Callable[[Parts], None]:
    def edit(parts: Parts) -> None:
        content = parts[part]
        at = content.rindex(old) if last else content.index(old)
        parts[part] = content[:at] + new + content[at + len(old) :]

    return edit


def without_last_row(part: str) -> Callable[[Parts], None]:
    def edit(parts: Parts) -> None:
        content = parts[part]
        at, end = content.rindex(b"<row "), content.index(b"</sheetData>")
        parts[part] = content[:at] + content[end:]

    return edit


def one_more_sheet(parts: Parts) -> None:
    """What the clerk did not settle, on a second sheet of the same name."""
    parts["xl/worksheets/sheet9.xml"] = parts[LEAVES].replace(b"access", b"heartbeat")
    swapped(BOOK, b"</sheets>", '<sheet name="기록 2" sheetId="9" r:id="rId9"/></sheets>'.encode())(
        parts
    )
    link = b'<Relationship Id="rId9" Type="x" Target="worksheets/sheet9.xml"/></Relationships>'
    swapped("xl/_rels/workbook.xml.rels", b"</Relationships>", link)(parts)


ROW = b'<row r="99"><c r="A99"><v>99</v></c></row></sheetData>'
FORMULA = b'<row r="99"><c r="A99"><f>1+1</f></c></row></sheetData>'
SPOILT = {
    "a cell in the middle": (swapped(LEAVES, b"SUFFICIENT", b"REVIEW"), "table.cell"),
    "a sum in the last row": (
        swapped(LINES, b"<v>20000</v>", b"<v>1</v>", last=True),
        "table.cell",
    ),
    "a title": (swapped(LEAVES, b">type<", b">kind<"), "table.cell"),
    "a row at the end": (swapped(LEAVES, b"</sheetData>", ROW), "table.rows"),
    "a row less": (without_last_row(LEAVES), "table.rows"),
    "a line less": (without_last_row(LINES), "table.rows"),
    "a formula among the words": (swapped(GUIDE, b"</sheetData>", FORMULA), "table.formula"),
    "a formula below the lines": (swapped(LINES, b"</sheetData>", FORMULA), "table.rows"),
    "one more sheet": (one_more_sheet, "table.rows"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_workbook_that_begins_as_ours_is_judged_to_its_end(town: Town, what: str) -> None:
    edit, code = SPOILT[what]

    assert code in codes(judged(parts_changed(town.bundle(), edit)))


def test_a_changed_cell_is_named_by_its_sheet_and_row(town: Town) -> None:
    edit = swapped(LINES, b"<v>20000</v>", b"<v>90000</v>", last=True)
    report = judged(parts_changed(town.bundle(), edit))

    (one,) = [one for one in report.findings if one.code == "table.cell"]
    assert (one.file, one.sheet, one.column) == ("data/leaves.xlsx", "정산", "total")
    assert (one.expected, one.found) == (20_000, "90000")


def test_a_workbook_of_another_program_with_the_same_cells_agrees(town: Town) -> None:
    def save_again(raw: bytes) -> bytes:
        book: Any = openpyxl.load_workbook(BytesIO(raw))
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    assert codes(judged(changed(town.bundle(), "data/leaves.xlsx", save_again))) == set()


@pytest.mark.parametrize("name", ["data/leaves.csv", "data/lines.csv"])
def test_a_csv_that_ends_too_early_or_too_late_is_found(town: Town, name: str) -> None:
    raw = town.bundle()
    last = members(raw)[name].splitlines(keepends=True)[-1]

    assert codes(judged(changed(raw, name, lambda old: old.removesuffix(last)))) == {"table.rows"}
    assert codes(judged(changed(raw, name, lambda old: old + last))) == {"table.rows"}


def test_a_csv_without_its_quotes_is_the_same_table(town: Town) -> None:
    raw = town.bundle()

    bare = changed(raw, "data/lines.csv", lambda old: old.replace(b'"', b""))
    assert codes(judged(bare)) == set()
