"""What we draw ourselves: 요약 and 정리결과, 지급조서, 관내여비 점검, the payment file.

Texts as texts, sums as numbers. Figures that do not agree with what was settled are no export at
all. A month is put together in memory, and the finished book waits in a file without a name:
whoever is killed on the way leaves nothing of it on a disk.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from accounts.cells import safe
from attest.errors import ExportRefused
from attest.values import KST
from settlement.sheets.month import HEADERS

HALF, FULL = 10_000, 20_000
# Above this a person's sum of a month stands out (travel-expenses.md §7).
THRESHOLD: Final = 300_000
PINK, YELLOW = "#FFC0CB", "#FFF2CC"
_HOUR = 3_600
NEAR_M, BAND_M = 2_000, range(1_900, 2_101)
Cell = str | int
Table = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Paid:
    """One settled trip as the books tell it."""

    uid: str
    number: str
    department: str
    name: str = field(repr=False)
    person: int
    grade: int
    starts_at: datetime
    ends_at: datetime
    place: str
    purpose: str
    vehicle: str
    won: int
    flat: int
    actual: int
    why: str = ""
    one_way_m: int | None = None
    # The place that was chosen from the list, and where it lies; none for mere words.
    searched: str = ""
    address: str = ""
    # Whether the sheet that came said already that nothing is paid.
    unpaid_before: bool = False
    # The sum of a month (월액여비): it has no place, no distance and no four hours.
    standing: bool = False

    @property
    def other(self) -> int:
        """What car, day cap and rounding took off, or other items brought."""
        return self.won - self.flat - self.actual

    @property
    def seconds(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds())

    @property
    def day(self) -> int:
        return self.starts_at.astimezone(KST).day


RESULT: Final = (
    *("출장번호", "출발일자", "도착일자", "출장지", "차량", "출장목적", "소속", "출장자"),
    *("여비등급", "비고", "4시간 구분", "1시간 미만", "지급액"),
)
SORTED: Final = ("4시간 구분", "1시간 미만", "지급액")
STATEMENT: Final = (
    *("연번", "소속", "여비등급", "성명", "4시간 이상(건)", "4시간 미만(건)", "실비(건)"),
    *("조정액", "지급액", "입금계좌", "비고"),
)
# Days left out of a statement or added to it.
MOVED: Final = ("구분", "출장일", "성명", "출장번호", "금액", "어느 조서", "사유", "담당")
SCHOOL: Final = (
    *(
        "출장시작일",
        "출장종료일",
        "출장구분",
        "출장자",
        "출장지",
        "출장목적",
        "검색장소",
        "검색주소",
    ),
    *("가는거리_m", "오는거리_m", "왕복거리_m", "거리판정", "기존부지급", "여비금액", "지급금액"),
    "확인사항",
)
PAYMENT: Final = ("정산번호", "출장번호", "소속", "성명", "금액", "결과", "지급일자", "사유")


def agreed(rows: Sequence[Paid], total: int) -> None:
    """*total* is what the settlements say; the rows must say the same, each by itself too."""
    if sum(row.won for row in rows) != total:
        raise ExportRefused("the rows do not add up to what was settled")


def summary_of(rows: Sequence[Paid]) -> Iterator[bytes]:
    """요약 first, then every trip in 정리결과."""
    with TemporaryFile() as file:
        book = _book(file)
        _summarise(book, rows)
        _table(book, ("정리결과", RESULT, map(_result, rows)))
        yield from _closed(book, file)


def extract_of(rows: Sequence[Paid], originals: Iterable[Sequence[Cell]]) -> bytes:
    """요약, and 정리결과 with the columns the sheet came with: what is put into it."""
    with TemporaryFile() as file:
        book = _book(file)
        _summarise(book, rows)
        _table(book, ("정리결과", (*HEADERS.values(), *SORTED), originals))
        return b"".join(_closed(book, file))


def sorted_cells(seconds: int | None, won: int | None) -> list[Cell]:
    """What is added to a row as it came: on which side of four hours, under one, and the sum."""
    if seconds is None:
        return ["", "", "" if won is None else won]
    return [
        "4시간이상" if seconds >= 4 * _HOUR else "4시간미만",
        "1시간 미만" if seconds < _HOUR else "",
        "" if won is None else won,
    ]


def _summarise(book: Any, rows: Sequence[Paid]) -> None:
    sheet = book.add_worksheet("요약")
    days: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    sums: Counter[int] = Counter()
    who: dict[int, Paid] = {}
    for row in rows:
        who[row.person] = row
        sums[row.person] += row.won
        if row.won:
            days[row.person, row.won].append(row.day)
    names = Counter(row.name for row in who.values())
    twice = Counter(person for person, _ in days)
    widest = max([31, *map(len, days.values())])
    last = xl_col_to_name(2 + widest)
    head = book.add_format({"bold": True})
    for column, title in enumerate(("출장자", "지급단가", "합계금액", *range(1, widest + 1))):
        sheet.write(0, column, title, head)
    order = sorted(days, key=lambda key: (-sums[key[0]], who[key[0]].name, key[0], -key[1]))
    fills = {
        PINK: book.add_format({"bg_color": PINK}),
        YELLOW: book.add_format({"bg_color": YELLOW}),
    }
    for line, (person, price) in enumerate(order, start=1):
        row = who[person]
        said = f"{row.name} ({row.department})" if names[row.name] > 1 else row.name
        colour = PINK if sums[person] > THRESHOLD else YELLOW if twice[person] > 1 else ""
        style = fills.get(colour)
        sheet.write_string(line, 0, safe(said), style)
        sheet.write_number(line, 1, price, style)
        worked = price * len(days[person, price])
        sheet.write_formula(
            line, 2, f"=B{line + 1}*COUNT(D{line + 1}:{last}{line + 1})", style, worked
        )
        for column, day in enumerate(sorted(days[person, price]), start=3):
            sheet.write_number(line, column, day)
    sheet.freeze_panes(1, 3)


def _result(row: Paid) -> list[Cell]:
    return [
        *(row.number, _when(row.starts_at), _when(row.ends_at), row.place, row.vehicle),
        *(row.purpose, row.department, row.name, f"제{row.grade}호", row.why),
        *sorted_cells(None if row.standing else row.seconds, row.won),
    ]


@dataclass(frozen=True, slots=True)
class Person:
    """A person's line of the 지급조서."""

    department: str
    name: str = field(repr=False)
    grade: int
    full: int
    half: int
    actual: int
    other: int
    won: int
    actual_won: int
    standing: int


def people_of(rows: Sequence[Paid]) -> list[Person]:
    """One line a person, by department and name; its parts make its sum."""
    by_person: defaultdict[int, list[Paid]] = defaultdict(list)
    for row in rows:
        by_person[row.person].append(row)
    lines = [
        Person(
            department=paid[0].department,
            name=paid[0].name,
            grade=paid[0].grade,
            full=sum(one.flat == FULL for one in paid),
            half=sum(one.flat == HALF for one in paid),
            actual=sum(one.actual > 0 for one in paid),
            other=sum(one.won - one.actual for one in paid)
            - FULL * sum(one.flat == FULL for one in paid)
            - HALF * sum(one.flat == HALF for one in paid),
            won=sum(one.won for one in paid),
            actual_won=sum(one.actual for one in paid),
            standing=sum(one.won for one in paid if one.standing),
        )
        for paid in by_person.values()
    ]
    return sorted(lines, key=lambda line: (line.department, line.name))


def statement_lines(people: Sequence[Person]) -> Iterator[list[Cell]]:
    for number, one in enumerate(people, start=1):
        yield [
            *(number, one.department, f"제{one.grade}호", one.name, one.full, one.half),
            *(one.actual, one.other, one.won, ""),
            f"월액여비 {one.standing:,}원" if one.standing else "",
        ]
    yield [
        *("", "합계", "", f"{len(people)}명"),
        *(sum(one.full for one in people), sum(one.half for one in people)),
        *(sum(one.actual for one in people), sum(one.other for one in people)),
        *(sum(one.won for one in people), "", ""),
    ]


def statement_of(
    rows: Sequence[Paid], *, footer: str, moved: Sequence[Sequence[Cell]] = ()
) -> Iterator[bytes]:
    """지급조서: one line a person, a total, the check line, by which rules, and what was moved."""
    people = people_of(rows)
    with TemporaryFile() as file:
        book = _book(file)
        lines: list[list[Cell]] = [*statement_lines(people), [], [check_line(people)], [footer]]
        if moved:
            lines += [[], list(MOVED), *map(list, moved)]
        _table(book, ("지급조서", STATEMENT, lines))
        yield from _closed(book, file)


def check_line(people: Sequence[Person]) -> str:
    """The sum once more by counts and prices; it must come out the same."""
    full, half = sum(one.full for one in people), sum(one.half for one in people)
    actual, other = sum(one.actual_won for one in people), sum(one.other for one in people)
    total = sum(one.won for one in people)
    if half * HALF + full * FULL + actual + other != total:
        raise ExportRefused("the check line does not come out")
    sign = "−" if other < 0 else "+"
    return (
        f"4시간 미만 {half} × 10,000 + 4시간 이상 {full} × 20,000 + 실비 {actual:,}"
        f" {sign} 조정 {abs(other):,} = {total:,}원"
    )


def school_of(rows: Sequence[Paid]) -> Iterator[bytes]:
    """관내여비 점검: every trip with its distance, the distances, what to look at again."""
    rows = [row for row in rows if not row.standing]
    same_day = Counter((row.person, row.starts_at.astimezone(KST).date()) for row in rows)

    def several(row: Paid) -> bool:
        return same_day[row.person, row.starts_at.astimezone(KST).date()] > 1

    lines = [(row, _school(row, several=several(row))) for row in rows]
    known = sorted({(row.place, row.one_way_m) for row in rows if row.one_way_m is not None})
    distances: list[list[Cell]] = [[place, m, "", 2 * m, _band(2 * m)] for place, m in known]
    titles = ("출장지", "가는거리_m", "오는거리_m", "왕복거리_m", "거리판정")
    with TemporaryFile() as file:
        book = _book(file)
        _table(book, ("출장별 결과", SCHOOL, (line for _, line in lines)))
        _table(book, ("출장지별 거리", titles, distances))
        _table(book, ("확인 필요", SCHOOL, (line for _, line in lines if line[-1])))
        yield from _closed(book, file)


def _school(row: Paid, *, several: bool) -> list[Cell]:
    there = row.one_way_m
    # One way is told; that the way back was measured too is said of none.
    distances: list[Cell] = ["", "", ""] if there is None else [there, "", 2 * there]
    look = [
        *(["거리 확인 필요"] if there is None else []),
        *(["2km 경계", "오는거리 미측정"] if there is not None and 2 * there in BAND_M else []),
        *(["당일 여러 건"] if several else []),
    ]
    return [
        *(_when(row.starts_at), _when(row.ends_at), "관내", row.name, row.place, row.purpose),
        *(row.searched, row.address, *distances),
        "" if there is None else _band(2 * there),
        *("부지급" if row.unpaid_before else "", row.flat + row.actual, row.won, ", ".join(look)),
    ]


def _band(round_trip_m: int) -> str:
    said = "왕복 2km 이내" if round_trip_m <= NEAR_M else "왕복 2km 초과"
    return f"{said}·경계" if round_trip_m in BAND_M else said


def payments_xlsx(rows: Iterable[Paid]) -> Iterator[bytes]:
    with TemporaryFile() as file:
        book = _book(file)
        _table(book, ("지급", PAYMENT, map(_payment, rows)))
        yield from _closed(book, file)


class _Echo:
    """A file that hands back what it is given: ``csv`` writes, the response streams."""

    def write(self, text: str) -> str:
        return text


def payments_csv(rows: Iterable[Paid]) -> Iterator[bytes]:
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC)
    yield b"\xef\xbb\xbf" + writer.writerow(PAYMENT).encode()
    for row in rows:
        cells = [safe(cell) if isinstance(cell, str) else cell for cell in _payment(row)]
        yield writer.writerow(cells).encode()


def _payment(row: Paid) -> list[Cell]:
    """The last three columns are for the answer."""
    return [row.uid, row.number, row.department, row.name, row.won, "", "", ""]


def _when(at: datetime) -> str:
    return at.astimezone(KST).strftime("%Y-%m-%d %H:%M")


def _book(file: Any) -> Any:
    # Not row by row: that goes through named files, in the clear, which outlive a sudden end.
    said = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, said)
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 -- the same file twice
    return book


def _table(book: Any, table: Table) -> None:
    name, titles, rows = table
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    money = book.add_format({"num_format": "#,##0"})
    for column, title in enumerate(titles):
        sheet.set_column(column, column, max(10, len(title) * 2))
        sheet.write_string(0, column, title, bold)
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell, money)
            elif cell:
                sheet.write_string(number, column, safe(cell))


def _closed(book: Any, file: Any) -> Iterator[bytes]:
    book.close()
    file.seek(0)
    while chunk := file.read(65_536):
        yield chunk
