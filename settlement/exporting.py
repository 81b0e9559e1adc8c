"""What goes out of a month: who may have which sheet, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Prefetch, Sum

from accounts.models import Person
from accounts.telling import Tell, silent
from accounts.workbooks.grid import rows_of
from accounts.workbooks.guard import kind_of as book_kind
from attest.errors import ExportRefused
from attest.values import KST
from settlement.models import Month, Payment, Settlement, SheetRow
from settlement.months import imports_of, settlements_of_month, shifts_of_month
from settlement.sheets import books
from settlement.sheets.books import Cell, Paid
from settlement.sheets.extracts import with_extracts
from settlement.sheets.filling import Fill, filled, filled_as_it_came
from settlement.sheets.month import HEADERS
from trips.units import unit_words

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
# The sheet says in a word why a sum is not the plain flat one.
_WHY: Final = {
    "in_area_day_cap": "1일 상한",
    "in_area_actual": "왕복 2km 이내 실비",
    "in_area_car_deduction": "공무용 차량",
}


def paid_in(caller: Person, name: str, *payments: str, tell: Tell = silent) -> list[Paid]:
    """Every settlement of the month, in the order it was paid."""
    rows = settlements_of_month(caller, name)
    if payments:
        rows = rows.filter(payment__in=payments)
    count, found = rows.count(), []
    sheets = SheetRow.objects.filter(sheet__month__name=name, won=0, trip__isnull=False)
    sheets = sheets.filter(sheet__month__organisation=caller.organisation_id)
    unpaid = frozenset(sheets.values_list("trip", flat=True))
    rows = rows.prefetch_related("lines", "trip__stops__place", "trip__distances")
    # What the engine was given and said is not asked here, and is the most of a row.
    for number, one in enumerate(rows.defer("claim", "result").iterator(chunk_size=500)):
        tell(number, count)
        found.append(_paid(one, unpaid))
    return found


def _paid(one: Settlement, unpaid: Collection[int]) -> Paid:
    trip, lines = one.trip, list(one.lines.all())
    places = [stop.place for stop in trip.stops.all() if stop.place]
    decided = (trip.decided or {}).get("distances")
    known = [row.one_way_m for row in trip.distances.all()]
    known = [one["one_way_m"] for one in decided] if decided else known
    return Paid(
        uid=str(one.uid),
        number=trip.number,
        department=trip.department.name,
        name=one.traveller.name,
        person=one.traveller_id,
        grade=one.traveller.grade,
        starts_at=trip.starts_at,
        ends_at=trip.ends_at,
        place=", ".join(stop.text for stop in trip.stops.all()),
        purpose=trip.purpose,
        vehicle=str(trip.get_vehicle_display()),
        won=one.total,
        flat=sum(line.amount for line in lines if line.item == "in_area_flat"),
        actual=sum(line.amount for line in lines if line.item == "in_area_actual"),
        why=why_of((line.item, line.amount) for line in lines),
        one_way_m=min(known) if known else None,
        searched=places[0].name if places else "",
        address=" ".join(filter(None, (unit_words(places[0].unit), places[0].town)))
        if places
        else "",
        unpaid_before=trip.pk in unpaid,
        standing=trip.standing is not None,
    )


def why_of(lines: Iterable[tuple[str, int]]) -> str:
    """The reasons a sum is not the plain flat one; none where it is."""
    found = [
        _WHY[item]
        for item, amount in lines
        if item in _WHY and (amount or item == "in_area_actual")
    ]
    return ", ".join(dict.fromkeys(found))


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
    fills = {row.number: _fill(row, month.name) for row in kept}
    originals = _originals(raw, kept, fills)
    return with_extracts(filled(raw, fills), books.extract_of(rows, originals))


def sheet_as_it_came(month: Month) -> bytes:
    """The newest sheet in its own format, cell for cell but for the sums and reasons."""
    raw, kept = _came(month)
    return filled_as_it_came(raw, {row.number: _fill(row, month.name) for row in kept})


def _came(month: Month) -> tuple[bytes, list[SheetRow]]:
    sheet = imports_of(month).first()
    if sheet is None:
        raise ExportRefused("no sheet of this month came in")
    return sheet.box().open(), list(_rows(sheet.pk))


def _originals(
    raw: bytes, kept: Sequence[SheetRow], fills: Mapping[int, Fill]
) -> Iterator[list[Cell]]:
    """The rows of the sheet as they came, each with what is told of it beside."""
    known = {row.number: row for row in kept}
    for row in rows_of(raw):
        if (found := known.get(row.number)) is None:
            continue
        length = found.ends_at - found.starts_at if found.ends_at and found.starts_at else None
        seconds = int(length.total_seconds()) if length is not None else None
        cells: list[Cell] = [row.at(letter).text for letter in HEADERS]
        yield [*cells, *books.sorted_cells(seconds, fills[row.number].won)]


def _rows(sheet: int) -> Iterator[SheetRow]:
    rows = SheetRow.objects.filter(sheet=sheet).exclude(fate=SheetRow.Fate.REFUSED)
    standing = Settlement.objects.filter(voided_at=None).defer("claim", "result")
    paid = Prefetch("trip__settlements", queryset=standing.prefetch_related("lines"))
    return rows.prefetch_related(paid).order_by("number").iterator(chunk_size=500)


def _fill(row: SheetRow, month: str) -> Fill:
    paid = list(row.trip.settlements.all()) if row.trip else []
    if not paid:
        return Fill(None, CHECK)
    if paid[0].month != month:
        # Its money stands on the statement of another month, and in the books of that.
        return Fill(None, f"{paid[0].month} 지급")
    lines = [(line.item, line.amount) for line in paid[0].lines.all()]
    return Fill(paid[0].total, why_of(lines))


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
