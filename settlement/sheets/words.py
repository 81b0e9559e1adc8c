"""What is wrong with a sheet, in Korean and in English (travel-expenses.md §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attest.allowance.words import Words

SHEET: Final[Mapping[str, Words]] = {
    "sheet.not_a_workbook": Words(
        "엑셀 파일(xls, xlsx)이 아니거나 열 수 없는 파일입니다",
        "not an xls or xlsx workbook, or one that cannot be opened",
    ),
    "sheet.encrypted": Words("암호가 걸린 파일입니다", "the file is locked with a password"),
    "sheet.too_large": Words(
        "파일이 20 MiB, 50,000행 또는 압축을 푼 크기 200 MiB를 넘습니다",
        "over 20 MiB, 50,000 rows, or 200 MiB once unfolded",
    ),
    "sheet.header": Words("제목이 정해진 칸에 없습니다", "a heading is not in its cell"),
    "sheet.empty": Words("가져올 행이 없습니다", "no row is left to import"),
    "sheet.formula": Words(
        "수식이 들어 있는 칸입니다. 값으로 바꾸어 주십시오",
        "the cell holds a formula; please put its value there",
    ),
    "sheet.date": Words(
        "날짜를 2026-10-06 또는 2026-10-06 09:00처럼 적어 주십시오",
        "not a date like 2026-10-06 or 2026-10-06 09:00, or before the start",
    ),
    "sheet.duration": Words(
        "총출장시간을 4시간 30분처럼 적어 주십시오",
        "not a length like 4시간 30분",
    ),
    "sheet.car": Words("차량은 사용 또는 미사용입니다", "the vehicle is 사용 or 미사용"),
    "sheet.money": Words("0원 이상의 정수가 아닙니다", "not a whole sum of won"),
    "sheet.grade": Words("여비등급은 1 또는 2입니다", "the grade is 1 or 2"),
    "sheet.text": Words(
        "칸이 비었거나 너무 길거나 보이지 않는 글자가 있습니다",
        "the cell is empty, too long, or holds what nobody can see",
    ),
    "sheet.area": Words(
        "관외 출장은 이 양식으로 가져오지 않습니다",
        "a trip out of the area does not come in by this sheet",
    ),
    "sheet.month": Words("다른 달의 출장입니다", "the trip is of another month"),
    "sheet.person": Words(
        "그런 사람이 없거나 여러 명입니다. 사람을 골라 주십시오",
        "no such person, or several: please choose",
    ),
    "sheet.duplicate": Words(
        "앞의 행과 같거나 이미 가져온 파일입니다. 두 번 지급하지 않습니다",
        "equal to an earlier row, or a file imported before; not paid twice",
    ),
}


@dataclass(frozen=True, slots=True)
class CellFault:
    """One cell that cannot be read as it stands. *cell* is like ``G17``, empty for the file."""

    code: str
    cell: str = ""
    found: str = ""
    expected: str = ""

    @property
    def words(self) -> Words:
        return SHEET[self.code]

    def as_dict(self) -> dict[str, str]:
        said = {"code": self.code, "cell": self.cell, "found": self.found}
        return said | {"expected": self.expected} | self.words.as_dict()
