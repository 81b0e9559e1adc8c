"""The sheet of office traces: CSV in UTF-8 or CP949, headers in the first row in any order.

    employee_no kind place_code at

*kind* is ``door``, ``document`` or ``network``, each on site: a remote sign-in is no trace of an
office. *place_code* names a place of the office; *at* is ``YYYY-MM-DD HH:MM[:SS]`` in Korea.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from accounts.csv_sheet import Row, Wrong, readable, rows_of
from attest.values import KST
from trips.models import OfficeRecord
from trips.plan import FIRST_YEAR, LAST_YEAR

COLUMNS = {name: name for name in ("employee_no", "kind", "place_code", "at")}
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?", re.ASCII)
# A cell a spreadsheet would run; it is none of the four things that stand here.
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
_BEGINNING = datetime(1970, 1, 1, tzinfo=KST)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sheet. *code* says what is wrong with it, empty when nothing is."""

    line: int
    number: str = field(default="", repr=False)
    kind: str = ""
    place: str = field(default="", repr=False)
    at: datetime = field(default=_BEGINNING, repr=False)
    code: str = ""


def read_sheet(raw: bytes) -> list[Entry]:
    """Every line in order; raises ``import.…`` when the sheet as a whole cannot be read."""
    return [_entry(row) for row in rows_of(raw, columns=COLUMNS, needed=COLUMNS)]


def _entry(row: Row) -> Entry:
    try:
        return _read(row)
    except Wrong as wrong:
        return Entry(row.line, code=str(wrong))


def _read(row: Row) -> Entry:
    said = row.cells
    if row.surplus:
        raise Wrong("office.cells")
    if any(cell.startswith(_FORMULA) for cell in said.values()):
        raise Wrong("office.formula")
    readable(said.get("employee_no", ""), longest=30, code="office.employee-no")
    readable(said.get("place_code", ""), longest=100, code="office.place-code")
    kind = said.get("kind", "").lower()
    if kind not in OfficeRecord.Kind.values:
        raise Wrong("office.kind")
    at = _moment(said.get("at", ""))
    return Entry(row.line, said["employee_no"].upper(), kind, said["place_code"], at)


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise Wrong("office.time")
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=KST)
    except ValueError as wrong:
        raise Wrong("office.time") from wrong
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Wrong("office.time")
    return at
