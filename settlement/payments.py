"""The bank's answer to a payment file: one line a settlement, and the fate of each line.

paid      the money arrived
failed    it did not; the reason is kept, and the next file has it again
same      the product knew it already
refused   the line names nothing that was sent; the code says why
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from accounts.csv_sheet import Row, rows_of
from accounts.models import Person
from accounts.previews import counts_of
from settlement.matching import chunks
from settlement.models import Payment, Settlement

# What the payment file says of a row; the names in it are for a person and not read back.
COLUMNS: Final = {
    "정산번호": "uid",
    "출장번호": "number",
    "소속": "department",
    "성명": "name",
    "금액": "won",
    "결과": "result",
    "지급일자": "on",
    "사유": "note",
}
_NEEDED = ("정산번호", "결과", "지급일자", "금액")
_RESULTS = {"지급": Payment.PAID, "실패": Payment.FAILED}
FATES: Final = ("paid", "failed", "same", "refused")


_YEAR = timedelta(days=366)
# As many as a month of a large office has.
MOST_LINES: Final = 50_000
LARGEST: Final = 20 * 1_048_576


@dataclass(frozen=True, slots=True)
class Answered:
    line: int
    fate: str
    code: str = ""
    on: date | None = None
    note: str = ""
    settlement: Settlement | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answers:
    lines: Sequence[Answered]
    digest: bytes

    def counts(self) -> dict[str, int]:
        return counts_of((line.fate for line in self.lines), among=FATES)


class _Refused(Exception):
    """A line that cannot be honoured; its code becomes the line's."""


def answers_in(raw: bytes, *, clerk: Person) -> Answers:
    """The fate of every line as things stand. Looks; changes nothing."""
    rows = rows_of(raw, columns=COLUMNS, needed=_NEEDED, most=MOST_LINES, largest=LARGEST)
    known = _known([row.cells.get("uid", "") for row in rows], clerk)
    seen: set[str] = set()
    lines = [_line(row, known, seen) for row in rows]
    said = [[one.line, one.fate, one.code, str(one.on), one.note] for one in lines]
    return Answers(lines, sha256(raw + json.dumps(said).encode()).digest())


def _line(row: Row, known: dict[str, Settlement], seen: set[str]) -> Answered:
    uid = row.cells.get("uid", "").lower()
    if row.surplus or uid in seen:
        return Answered(row.line, "refused", "payment.cells" if row.surplus else "payment.twice")
    seen.add(uid)
    try:
        return _answered(row, known.get(uid))
    except _Refused as refused:
        return Answered(row.line, "refused", str(refused))


def _answered(row: Row, paid: Settlement | None) -> Answered:
    if paid is None or paid.voided_at is not None:
        raise _Refused("payment.unknown")
    result = _RESULTS.get(row.cells.get("result", ""))
    if result is None:
        raise _Refused("payment.result")
    try:
        on = date.fromisoformat(row.cells.get("on", ""))
    except ValueError as wrong:
        raise _Refused("payment.date") from wrong
    if row.cells.get("won", "").replace(",", "") != str(paid.total):
        raise _Refused("payment.sum")
    note = row.cells.get("note", "")[:200]
    if paid.payment == result and paid.payment_on == on:
        return Answered(row.line, "same", "", on, note, paid)
    if paid.payment != Payment.SENT:
        raise _Refused("payment.not-sent")
    # A slip of the pen would be kept for good: no day before the file, none a year after it.
    if paid.payment_on and not paid.payment_on <= on <= paid.payment_on + _YEAR:
        raise _Refused("payment.date")
    return Answered(row.line, str(result), "", on, note, paid)


def _known(uids: list[str], clerk: Person) -> dict[str, Settlement]:
    found: dict[str, Settlement] = {}
    for some in chunks([uid for text in uids if (uid := _uid(text))]):
        rows = Settlement.objects.filter(traveller__organisation=clerk.organisation_id)
        for paid in rows.filter(uid__in=some).select_related("traveller", "trip"):
            found[str(paid.uid)] = paid
    return found


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
