"""What goes out of a month: who may have which sheet, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from django.db.models import Sum

from accounts.models import Person
from accounts.telling import Tell, silent
from accounts.workbooks.grid import rows_of
from accounts.workbooks.guard import kind_of as book_kind
from attest.errors import ExportRefused
from attest.values import KST
from settlement.models import Month, Payment, Settlement, SheetRow
from settlement.months import imports_of, settlements_of_month, shifts_of_month
from settlement.paid_rows import AT_ONCE, by_first, lines_of, paid_rows, why_of
from settlement.sheets import books
from settlement.sheets.books import Cell, Paid
from settlement.sheets.extracts import with_extracts
from settlement.sheets.filling import Fill, filled, filled_as_it_came
from settlement.sheets.month import HEADERS

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS: Final = "application/vnd.ms-excel"
CSV: Final = "text/csv; charset=utf-8"
PDF: Final = "application/pdf"
CHECK: Final = "확인 필요"
STATEMENT_PDF: Final = "statement-pdf"
NAMES: Final = (
    *("trips", "trips-as-came", "summary", "statement"),
    *("school", "payments", "payments-csv"),
)


def paid_in(caller: Person, name: str, *payments: str, tell: Tell = silent) -> list[Paid]:
    """Every settlement of the month, in the order it was paid."""
    rows = settlements_of_month(caller, name)
    if payments:
        rows = rows.filter(payment__in=payments)
    count, found = rows.count(), list[Paid]()
    sheets = SheetRow.objects.filter(sheet__month__name=name, won=0, trip__isnull=False)
    sheets = sheets.filter(sheet__month__organisation=caller.organisation_id)
    unpaid = frozenset(sheets.values_list("trip", flat=True))
    for number, one in enumerate(paid_rows(rows, unpaid=unpaid)):
        tell(number, count)
        found.append(one)
    return found


def people_in(people: Iterable[int]) -> list[Person]:
    pks = sorted(set(people))
    found: list[Person] = []
    for start in range(0, len(pks), 500):
        found += Person.objects.filter(pk__in=pks[start : start + 500])
    return found


def trips_sheet(month: Month, rows: Sequence[Paid]) -> bytes:
    """The newest sheet of the month with every settled row filled; the others to be looked at.

    As .xlsx, with 요약 and 정리결과 behind: the same figures, or no export.
    """
    raw, kept = _came(month)
    extract = books.extract_of(rows, _originals(raw, kept))
    return with_extracts(filled(raw, _fills(kept)), extract)


def sheet_as_it_came(month: Month) -> bytes:
    """The newest sheet in its own format, cell for cell but for the sums and reasons."""
    raw, kept = _came(month)
    return filled_as_it_came(raw, _fills(kept))


class _Kept(NamedTuple):
    """A row of the sheet: the *seconds* it tells, where it tells a clock, and what it is paid."""

    seconds: int | None
    fill: Fill


def _fills(kept: Mapping[int, _Kept]) -> dict[int, Fill]:
    return {number: row.fill for number, row in kept.items()}


def _came(month: Month) -> tuple[bytes, dict[int, _Kept]]:
    sheet = imports_of(month).first()
    if sheet is None:
        raise ExportRefused("no sheet of this month came in")
    return sheet.box().open(), dict(_rows(sheet.pk, month.name))


def _originals(raw: bytes, kept: Mapping[int, _Kept]) -> Iterator[list[Cell]]:
    """The rows of the sheet as they came, each with what is told of it beside."""
    for row in rows_of(raw):
        if (found := kept.get(row.number)) is None:
            continue
        cells: list[Cell] = [row.at(letter).text for letter in HEADERS]
        yield [*cells, *books.sorted_cells(found.seconds, found.fill.won)]


def _rows(sheet: int, month: str) -> Iterator[tuple[int, _Kept]]:
    rows = SheetRow.objects.filter(sheet=sheet).exclude(fate=SheetRow.Fate.REFUSED)
    told = rows.order_by("number").values_list("number", "trip", "starts_at", "ends_at")
    found = told.iterator(chunk_size=AT_ONCE)
    while some := list(islice(found, AT_ONCE)):
        standing = Settlement.objects.filter(voided_at=None, trip__in=[row[1] for row in some])
        paid = by_first(standing, "trip", "pk", "month", "total")
        pks = [pk for all_of_it in paid.values() for pk, *_ in all_of_it]
        lines = by_first(lines_of(pks), "settlement", "item", "amount")
        for number, trip, start, end in some:
            seconds = int((end - start).total_seconds()) if start and end else None
            fill = _fill(paid[trip][0], lines, month) if trip in paid else Fill(None, CHECK)
            yield number, _Kept(seconds, fill)


def _fill(paid: tuple[Any, ...], lines: Mapping[int, list[tuple[Any, ...]]], month: str) -> Fill:
    pk, when, total = paid
    if when != month:
        # Its money stands on the statement of another month, and in the books of that.
        return Fill(None, f"{when} 지급")
    return Fill(total, why_of(lines[pk]))


def sheet_of(month: Month, name: str, *, rows: Sequence[Paid], footer: str) -> Iterable[bytes]:
    """The sheet *name* of what ``paid_in`` found."""
    if name == "trips":
        return [trips_sheet(month, rows)]
    if name == "trips-as-came":
        return [sheet_as_it_came(month)]
    made: dict[str, Callable[[], Iterable[bytes]]] = {
        "summary": lambda: books.summary_of(rows),
        "statement": lambda: books.statement_of(rows, footer=footer, moved=moved_in(month)),
        "school": lambda: books.school_of(rows),
        "payments-csv": lambda: books.payments_csv(rows),
        "payments": lambda: books.payments_xlsx(rows),
    }
    return made[name]()


def rows_for(caller: Person, month: Month, name: str, *, tell: Tell = silent) -> list[Paid]:
    """Whom the sheet *name* tells of. The figures are those that were settled, or it is refused."""
    if name.startswith("payments"):
        return paid_in(caller, month.name, Payment.SENT, tell=tell)
    rows = paid_in(caller, month.name, tell=tell)
    settled = settlements_of_month(caller, month.name)
    books.agreed(rows, settled.aggregate(won=Sum("total", default=0))["won"])
    return rows


def named_in(month: Month, name: str, rows: Sequence[Paid]) -> set[int]:
    """Everybody the sheet *name* tells of: on a statement, whose days were moved as well."""
    named = {row.person for row in rows}
    if name in {"statement", STATEMENT_PDF}:
        named |= set(shifts_of_month(month).values_list("settlement__traveller", flat=True))
    return named


def moved_in(month: Month) -> list[list[Cell]]:
    """What was left out of the statement of *month* or added to it: which day, whose, and why."""
    lines = []
    for shift in shifts_of_month(month).iterator(chunk_size=500):
        paid, out = shift.settlement, shift.left == month.name
        where = f"{shift.joined} 조서로" if out else f"{shift.left} 조서에서"
        day = paid.trip.starts_at.astimezone(KST).date().isoformat()
        lines.append(
            [
                *("제외" if out else "추가", day, paid.traveller.name, paid.trip.number),
                *(paid.total, where, shift.reason, shift.by.name),
            ]
        )
    return lines


def kind_of(month: Month, name: str) -> str:
    """Its media type."""
    return {"csv": CSV, "pdf": PDF, "xls": XLS, "xlsx": XLSX}[_ending(month, name)]


def file_name(month: Month, name: str) -> str:
    plain = name.removesuffix("-csv").removesuffix("-pdf")
    return f"{month.name}-{plain}.{_ending(month, name)}"


def came_old(month: Month) -> bool:
    """Whether the newest sheet came in the old format."""
    sheet = imports_of(month).first()
    return sheet is not None and book_kind(sheet.box().open()) == "xls"


def _ending(month: Month, name: str) -> str:
    if name.endswith(("-csv", "-pdf")):
        return name[-3:]
    return "xls" if name == "trips-as-came" and came_old(month) else "xlsx"


def footer_of(caller: Person, rows: Sequence[Paid], now: datetime) -> str:
    """By which rules, when, and how many."""
    day = now.astimezone(KST).date()
    return f"{caller.organisation.name} · {caller.organisation.rule_set} · {day} · {len(rows)}건"
