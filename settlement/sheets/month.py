"""The rows of 인사랑 '관내출장내역', each with its faults by cell (travel-expenses.md §8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from accounts.telling import Tell, silent
from accounts.workbooks.grid import Row, Stored, rows_of
from attest.errors import SheetRefused
from attest.values import KST
from settlement.sheets.words import CellFault

HEADERS: Final[Mapping[str, str]] = {
    "B": "순번",
    "C": "구분",
    "E": "출발일자",
    "F": "도착일자",
    "G": "총출장시간",
    "I": "출장지",
    "K": "차량",
    "L": "출장목적",
    "M": "소속",
    "O": "출장자",
    "P": "지출",
    "R": "여비",
    "S": "지출일자",
    "T": "결재상태",
    "U": "여비등급",
    "V": "비고",
    "W": "업무대행",
}
HEADER_ROW, FIRST_ROW = 4, 5
APPROVED = "결재완료"
MOST_WON = 1_000_000_000
_LONGEST = {"I": 100, "L": 200, "M": 100, "O": 80}
_MOMENT = re.compile(r"(\d{4})([-./])(\d{2})\2(\d{2})(?: +([01]\d|2[0-3]):([0-5]\d))?", re.ASCII)
_LENGTH = re.compile(r"(?:(\d{1,3}) ?일)? ?(?:(\d{1,3}) ?시간)? ?(?:(\d{1,4}) ?분)?", re.ASCII)
_WON = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,10})", re.ASCII)
_CARS = {"사용": "public_car", "미사용": "transit"}
_GRADES = {"": None, "1": 1, "2": 2, "제1호": 1, "제2호": 2}


@dataclass(frozen=True, slots=True)
class Told:
    """One trip as the sheet tells it."""

    starts_at: datetime
    ends_at: datetime
    time_known: bool
    place: str
    vehicle: str
    purpose: str
    department: str
    name: str = field(repr=False)
    won: int | None
    grade: int | None
    # The end by its own clock, where that gives another length than the column of lengths.
    clock_end: datetime | None = None

    @property
    def same(self) -> tuple[object, ...]:
        """What makes two rows one trip."""
        return self.name, self.department, self.starts_at, self.ends_at, _folded(self.place)


@dataclass(frozen=True, slots=True)
class SheetRow:
    number: int
    told: Told | None
    faults: tuple[CellFault, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was found. *unnumbered* and *unapproved* rows are counted and left alone."""

    digest: bytes
    rows: tuple[SheetRow, ...]
    unnumbered: int
    unapproved: int


def read_month(raw: bytes, *, tell: Tell = silent) -> Reading:
    """Every row from the fifth on, or :class:`SheetRefused` for the file as a whole.

    *tell* hears the number of rows that were read; how many there are nobody knows before.
    """
    kept: list[SheetRow] = []
    seen: set[tuple[object, ...]] = set()
    unnumbered = unapproved = 0
    headed = False
    for row in rows_of(raw):
        tell(row.number, 0)
        if row.number < HEADER_ROW:
            continue
        if not headed:
            _check_headers(row if row.number == HEADER_ROW else Row(HEADER_ROW, {}))
            headed = True
            if row.number == HEADER_ROW:
                continue
        if not row.at("B").text or not row.at("C").text:
            unnumbered += 1
        elif APPROVED not in row.at("T").text and not row.at("T").formula:
            unapproved += 1
        else:
            kept.append(_read(row, seen))
    if not headed:
        _check_headers(Row(HEADER_ROW, {}))
    if not kept:
        counts = f"순번 없음 {unnumbered}, 결재 전 {unapproved}"
        raise SheetRefused("sheet.empty", [CellFault("sheet.empty", found=counts)])
    return Reading(sha256(raw).digest(), tuple(kept), unnumbered, unapproved)


def _check_headers(row: Row) -> None:
    wrong = [
        CellFault("sheet.header", f"{column}{HEADER_ROW}", row.at(column).text[:40], title)
        for column, title in HEADERS.items()
        if _folded(row.at(column).text) != title
    ]
    if wrong:
        raise SheetRefused("sheet.header", wrong)


def _folded(text: str) -> str:
    return "".join(text.split())


def _read(row: Row, seen: set[tuple[object, ...]]) -> SheetRow:
    faults = [
        CellFault("sheet.formula", f"{column}{row.number}", row.at(column).text[:40])
        for column in HEADERS
        if row.at(column).formula
    ]
    if faults:
        return SheetRow(row.number, None, tuple(faults), row.hidden)
    cells = _Cells(row)
    told = cells.told()
    if told is None:
        return SheetRow(row.number, None, tuple(cells.faults), row.hidden)
    if told.same in seen:
        twice = CellFault("sheet.duplicate", f"B{row.number}", row.at("B").text)
        return SheetRow(row.number, told, (twice,), row.hidden)
    seen.add(told.same)
    return SheetRow(row.number, told, (), row.hidden)


class _Cells:
    """The cells of one row, read one by one so that every fault of it is found."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.faults: list[CellFault] = []

    def told(self) -> Told | None:
        kind = self._row.at("C").text
        if "관외" in kind or "근무지외" in kind:
            self._fault("sheet.area", "C")
        start, end = self._moment("E"), self._moment("F")
        length = self._length()
        if start and end and end[0].date() < start[0].date():
            self._fault("sheet.date", "F")
        place, purpose = self._text("I"), self._text("L")
        department, name = self._text("M"), self._text("O")
        car, won = self._of(_CARS, "K", "sheet.car"), self._won()
        grade = self._of(_GRADES, "U", "sheet.grade")
        if self.faults or start is None or end is None or length is None:
            return None
        known = start[1]
        ends_at = start[0] + length
        differs = known and end[1] and end[0] != ends_at
        return Told(
            starts_at=start[0],
            ends_at=ends_at,
            time_known=known,
            place=place,
            vehicle=str(car),
            purpose=purpose,
            department=department,
            name=name,
            won=won,
            grade=grade if isinstance(grade, int) else None,
            clock_end=end[0] if differs else None,
        )

    def _fault(self, code: str, column: str) -> None:
        found = self._row.at(column).text[:40]
        self.faults.append(CellFault(code, f"{column}{self._row.number}", found))

    def _moment(self, column: str) -> tuple[datetime, bool] | None:
        try:
            return moment_of(self._row.at(column))
        except ValueError:
            self._fault("sheet.date", column)
            return None

    def _length(self) -> timedelta | None:
        text = self._row.at("G").text
        found = _LENGTH.fullmatch(text)
        if not isinstance(self._row.at("G").value, str) or not found or not any(found.groups()):
            self._fault("sheet.duration", "G")
            return None
        days, hours, minutes = (int(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes)

    def _text(self, column: str) -> str:
        text = " ".join(self._row.at(column).text.split())
        if not text or len(text) > _LONGEST[column] or not text.isprintable():
            self._fault("sheet.text", column)
        return text

    def _of(self, words: Mapping[str, object], column: str, code: str) -> object:
        text = _folded(self._row.at(column).text)
        if text not in words:
            self._fault(code, column)
            return None
        return words[text]

    def _won(self) -> int | None:
        try:
            return won_of(self._row.at("R"))
        except ValueError:
            self._fault("sheet.money", "R")
            return None


def moment_of(cell: Stored) -> tuple[datetime, bool]:
    """When, in Korean time, and whether the cell tells the hour."""
    value = cell.value
    if isinstance(value, datetime):
        known = cell.clock or (value.hour, value.minute) != (0, 0)
        return value.replace(second=0, microsecond=0, tzinfo=KST), known
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=KST), False
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a date")
    year, _, month, day, hour, minute = found.groups()
    at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=KST)
    return at, hour is not None


def won_of(cell: Stored) -> int | None:
    """Whole won, never a guess at what a fraction was meant to be."""
    match cell.value:
        case None | "":
            return None
        case bool():
            raise ValueError("not a sum")
        case int() | float() if float(cell.value).is_integer():
            won = int(cell.value)
        case str() if found := _WON.fullmatch(cell.value.strip()):
            won = int(found[1].replace(",", ""))
        case _:
            raise ValueError("not a sum")
    if not 0 <= won <= MOST_WON:
        raise ValueError("not a sum")
    return won
