"""Views against the truth, cell by cell: those of the bundle, and copies the auditor saved.

A value that a spreadsheet merely rewrote is called that, and never tampering.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import IO, Any, Final
from unicodedata import normalize

from .archive import chunks
from .cells import Cell, cell_of
from .columns import LEAF_COLUMNS, LEAF_NAMES, LINE_COLUMNS, LINE_NAMES
from .findings import Findings
from .inside import LEAVES_CSV, LEAVES_PARQUET, LEAVES_XLSX, LINES_CSV, Inside
from .parquet import MAGIC, Parquet
from .sheets import Formula, SheetRow, csv_rows, readable, xlsx_rows
from .verbatim import CsvRows, Verbatim, book_rows

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]|$)")
_NUMBERS: Final = re.compile(r"[0-9]+")
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 -- where spreadsheets count days from
_SECOND: Final = 1.0 / 86_400
# Where a table begins: not further down than this.
_HEAD_WITHIN: Final = 20
_TITLES: Final = {korean: name for name, korean, _ in (*LEAF_COLUMNS, *LINE_COLUMNS)}

Where = dict[str, Any]


class View:
    """A table of the bundle itself: the very rows, in their order, under *heads* title rows.

    As long as it is what our writer makes of the truth, its bytes are compared; from the first
    that differs on it is read as a table, from the beginning, and every cell is judged.
    """

    def __init__(
        self,
        findings: Findings,
        made: Verbatim | None,
        rows: Callable[[], Iterator[SheetRow]],
        *,
        file: str,
        sheets: bool,
    ) -> None:
        self._findings, self._made, self._open, self._file = findings, made, rows, file
        self._heads = 2 if sheets else 1
        # So many rows of each table were found as made.
        self._passed: dict[str, tuple[Sequence[str], int]] = {}
        self._rows: Iterator[SheetRow] = iter(())
        self._next: SheetRow | None = None
        if made is None:
            self._read()

    def expect(self, cells: Sequence[Cell], names: Sequence[str], *, base: str = "") -> None:
        if self._made is not None:
            if self._made.has(base, cells):
                self._passed[base] = names, self._passed.get(base, (names, 0))[1] + 1
                return
            self._read()
        row = self._take(base, names)
        where: Where = {"file": self._file, "leaf": int(cells[0])}
        if row is None:
            self._findings.fail("table.rows", **where)
            return
        # Nearly every row is just this one. A formula never is: a cell that begins so is marked.
        due = [str(cell) if isinstance(cell, int) else cell_of(cell) for cell in cells]
        if _filled(row.cells, len(names)) == due:
            return
        where |= {"sheet": row.sheet, "row": row.number}
        if any(row.cells[len(names) :]):
            self._findings.fail("table.cell", found=row.cells[len(names)][:100], **where)
        for name, want, got in zip(names, cells, _filled(row.cells, len(names)), strict=False):
            _compare(self._findings, want, got, where | {"column": name})

    def _read(self) -> None:
        """From here on as a table: up to the row that was due."""
        self._made, self._rows = None, self._open()
        self._next = next(self._rows, None)
        for base, (names, count) in self._passed.items():
            for _ in range(count):
                self._take(base, names)

    def close(self, base: str, names: Sequence[str]) -> None:
        """No row of *base* is left."""
        if self._made is not None:
            if self._made.ends(base):
                return
            self._read()
        while (row := self._take(base, names)) is not None:
            where = {"file": self._file, "sheet": row.sheet, "row": row.number}
            self._findings.fail("table.rows", **where)

    def _take(self, base: str, names: Sequence[str]) -> SheetRow | None:
        while (row := self._next) is not None:
            if _base(row.sheet) != base:
                # Sheets of words come before; those of another table wait for their turn.
                if _base(row.sheet) in _OTHERS[base]:
                    return None
                self._skip(row)
                continue
            self._next = next(self._rows, None)
            if row.number > self._heads:
                return row
            if row.number == self._heads and row.cells != list(names):
                where = {"file": self._file, "sheet": row.sheet, "row": row.number}
                self._findings.fail("table.cell", **where)
        return None

    def finish(self) -> None:
        if self._made is not None:
            with readable(self._file):
                for row in self._made.others():
                    self._look_for_formulas(row)
        while self._next is not None:
            self._skip(self._next)

    def _skip(self, row: SheetRow) -> None:
        self._look_for_formulas(row)
        self._next = next(self._rows, None)

    def _look_for_formulas(self, row: SheetRow) -> None:
        if any(isinstance(cell, Formula) for cell in row.cells):
            where = {"file": self._file, "sheet": row.sheet, "row": row.number}
            self._findings.fail("table.formula", **where)


class Columns:
    """The Parquet view: made again, group by group, and every byte compared."""

    def __init__(self, findings: Findings, content: IO[bytes], *, file: str) -> None:
        self._findings, self._content, self._file = findings, content, file
        self._table, self._leaf, self._held = Parquet(LEAF_COLUMNS), 0, 0

    def expect(self, cells: Sequence[Cell]) -> None:
        self._leaf, self._held = int(cells[0]), self._held + 1
        if due := self._table.row(cells):
            self._compare(due)

    def close(self) -> None:
        due = self._table.close()
        pages = sum(len(page) for _, page in self._table.pages)
        # The rows that are left first; then the footer, which follows from them.
        body = due[: pages + due.startswith(MAGIC) * len(MAGIC)] if self._held else b""
        if body:
            self._compare(body)
        if self._content.read(len(due) - len(body) + 1) != due[len(body) :]:
            self._findings.fail("table.rows", file=self._file)

    def _compare(self, due: bytes) -> None:
        got = self._content.read(len(due))
        first, self._held = self._leaf - self._held + 1, 0
        if got == due:
            return
        at = len(MAGIC) if due.startswith(MAGIC) else 0
        for name, page in self._table.pages:
            if got[at : at + len(page)] != page:
                where = {"file": self._file, "leaf": first, "column": name}
                self._findings.fail("table.cell", **where)
            at += len(page)
        if got[: len(MAGIC)] != due[: len(MAGIC)]:
            self._findings.fail("table.rows", file=self._file)


LEAVES, LINES = "기록", "정산"
# Leaves are read before lines: a row of the other table is never passed over.
_OTHERS: Final[dict[str, frozenset[str]]] = {
    "": frozenset(),
    LEAVES: frozenset({LINES}),
    LINES: frozenset({LEAVES}),
}


class Copy:
    """A table as the auditor saved it: any rows in any order, known by their numbers."""

    def __init__(self, findings: Findings, rows: Iterator[SheetRow], *, file: str) -> None:
        self._findings, self._file = findings, file
        self._found: dict[tuple[int, int], tuple[SheetRow, dict[str, int]]] = {}
        head: dict[str, dict[str, int]] = {}
        for row in rows:
            columns = head.get(row.sheet)
            named = _columns(row.cells)
            if named and row.number <= _HEAD_WITHIN:
                head[row.sheet] = named
            elif columns is None:
                self._look_for_formulas(row)
            elif any(row.cells):
                self._keep(row, columns)

    def see(self, cells: Sequence[Cell], names: Sequence[str]) -> None:
        line = int(cells[names.index("line")]) if "line" in names else 0
        if (kept := self._found.pop((int(cells[0]), line), None)) is None:
            return
        row, columns = kept
        where = {"file": self._file, "sheet": row.sheet, "leaf": int(cells[0]), "row": row.number}
        for name, at in columns.items():
            got = row.cells[at] if at < len(row.cells) else ""
            _compare(self._findings, cells[names.index(name)], got, where | {"column": name})

    def close(self) -> None:
        for row, _ in self._found.values():
            self._fail_row(row)

    def _keep(self, row: SheetRow, columns: dict[str, int]) -> None:
        leaf = _whole(row.cells, columns["leaf"])
        line = _whole(row.cells, columns["line"]) if "line" in columns else 0
        if leaf is None or line is None or (leaf, line) in self._found:
            self._fail_row(row)
        else:
            self._found[leaf, line] = row, columns

    def _look_for_formulas(self, row: SheetRow) -> None:
        if any(isinstance(cell, Formula) for cell in row.cells):
            where = {"file": self._file, "sheet": row.sheet, "row": row.number}
            self._findings.fail("table.formula", **where)

    def _fail_row(self, row: SheetRow) -> None:
        where = {"file": self._file, "sheet": row.sheet, "row": row.number}
        self._findings.fail("table.rows", **where)


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Which column is where, if this row is a row of titles, in either language."""
    names = [_TITLES.get(cell.strip(), cell.strip().lower()) for cell in cells]
    if "leaf" not in names:
        return {}
    ours = LINE_NAMES if {"line", "amount"} & {*names} else LEAF_NAMES
    return {name: names.index(name) for name in ours if name in names}


def _whole(cells: Sequence[str], at: int) -> int | None:
    number = _number(cells[at]) if at < len(cells) else None
    return int(number) if number is not None and number == number.to_integral_value() else None


def _filled(cells: Sequence[str], length: int) -> list[str]:
    return [*cells, *([""] * (length - len(cells)))]


def _base(sheet: str) -> str:
    return sheet.partition(" ")[0]


def _compare(findings: Findings, want: Cell, got: str, where: Where) -> None:
    text = str(want) if isinstance(want, int) else cell_of(want)
    if got == text and not isinstance(got, Formula):
        return
    said = where | {"expected": want, "found": got[:200]}
    if isinstance(got, Formula) or _is_obeyed(got):
        findings.fail("table.formula", **said)
    elif _is_rewritten(want, text, got.strip()):
        findings.warn("table.reformatted", **said)
    else:
        findings.fail("table.cell", **said)


def _is_obeyed(got: str) -> bool:
    return got[:1] in {"=", "@", "＝", "＠"} or (got[:1] in {"+", "-"} and _number(got) is None)


def _is_rewritten(want: Cell, text: str, got: str) -> bool:
    """The same value in another dress: spaces, line ends, zeros, exponent, a date's form."""
    if isinstance(want, int):
        number = _number(got)
        return number is not None and (number == want or _is_rounded(want, got, number))
    if _plain(text) == _plain(got) and text:
        return True
    if text.isdigit() and got.isdigit():
        return text.lstrip("0") == got.lstrip("0")
    return bool(_DATE.match(text)) and _is_same_moment(text, got)


def _plain(text: str) -> str:
    joined = normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return joined.strip().casefold() if joined.lower() in {"true", "false"} else joined.strip()


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < 40 else None


def _is_rounded(want: int, got: str, number: Decimal) -> bool:
    """``3.52279E+07``: as many digits as are shown agree."""
    if "e" not in got.casefold() or number == 0:
        return False
    shown = len(number.as_tuple().digits)
    return shown >= 3 and Decimal(f"{Decimal(want):.{shown - 1}E}") == number


def _is_same_moment(text: str, got: str) -> bool:
    due = [int(one) for one in _NUMBERS.findall(text)][:6]
    number = _number(got)
    if number is not None:
        days = datetime(*(due + [0] * 6)[:6]) - _EPOCH  # type: ignore[arg-type]  # noqa: DTZ001 -- six numbers
        return abs(float(number) - days.total_seconds() / 86_400) <= _SECOND
    told = [int(one) for one in _NUMBERS.findall(got)]
    if ("오후" in got or "pm" in got.casefold()) and len(told) > 3 and told[3] < 12:
        told[3] += 12
    if ("오전" in got or "am" in got.casefold()) and len(told) > 3 and told[3] == 12:
        told[3] = 0
    return len(told) >= 3 and told[:6] == due[: len(told[:6])]


class Tables:
    """All of them: every row that is due goes past each. Who made it lets it go."""

    def __init__(self, inside: Inside, copies: Mapping[str, Iterator[SheetRow]]) -> None:
        findings, self._held = inside.findings, ExitStack()
        self._leaves = _view(inside, LEAVES_CSV, LEAF_NAMES)
        self._lines = _view(inside, LINES_CSV, LINE_NAMES)
        self._book = [
            View(findings, made, rows, file=LEAVES_XLSX, sheets=True)
            for made, rows in _book(inside, self._held)
        ]
        self._columns = [
            Columns(findings, content, file=LEAVES_PARQUET)
            for content in _stream(inside, LEAVES_PARQUET)
        ]
        self._copies = [Copy(findings, rows, file=name) for name, rows in copies.items()]

    def let_go(self) -> None:
        self._held.close()

    def leaf(self, cells: Sequence[Cell]) -> None:
        self._expect(self._leaves, cells, LEAF_NAMES, LEAVES)
        for columns in self._columns:
            columns.expect(cells)

    def line(self, cells: Sequence[Cell]) -> None:
        self._expect(self._lines, cells, LINE_NAMES, LINES)

    def close(self) -> None:
        for view in self._leaves:
            view.close("", LEAF_NAMES)
        for view in self._lines:
            view.close("", LINE_NAMES)
        for view in self._book:
            view.close(LEAVES, LEAF_NAMES)
            view.close(LINES, LINE_NAMES)
            view.finish()
        for columns in self._columns:
            columns.close()
        for copy in self._copies:
            copy.close()

    def _expect(
        self, views: Sequence[View], cells: Sequence[Cell], names: Sequence[str], base: str
    ) -> None:
        for view in views:
            view.expect(cells, names)
        for view in self._book:
            view.expect(cells, names, base=base)
        for copy in self._copies:
            copy.see(cells, names)


def _view(inside: Inside, name: str, names: Sequence[str]) -> list[View]:
    """None where the file is missing: that was said before."""
    if name not in inside.names:
        return []

    def rows() -> Iterator[SheetRow]:
        return csv_rows(chunks(inside.members, name), what=name)

    made = CsvRows(chunks(inside.members, name), names)
    return [View(inside.findings, made, rows, file=name, sheets=False)]


def _book(
    inside: Inside, held: ExitStack
) -> Iterator[tuple[Verbatim | None, Callable[[], Iterator[SheetRow]]]]:
    if LEAVES_XLSX not in inside.names:
        return

    def rows() -> Iterator[SheetRow]:
        return xlsx_rows(inside.members.stream(LEAVES_XLSX), what=LEAVES_XLSX)

    yield book_rows(held.enter_context(inside.members.stream(LEAVES_XLSX))), rows


def _stream(inside: Inside, name: str) -> list[IO[bytes]]:
    return [inside.members.stream(name)] if name in inside.names else []
