"""What goes out of a month: who may have which sheet, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Sum

from accounts.models import Person
from accounts.telling import Tell, silent
from attest.errors import ExportRefused
from attest.values import KST
from settlement.models import Month, Payment, Settlement, SheetRow
from settlement.months import imports_of, settlements_of_month
from settlement.sheets import books
from settlement.sheets.books import Paid
from settlement.sheets.filling import Fill, filled

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
CHECK: Final = "확인 필요"
NAMES: Final = (
    *("trips", "summary", "statement"),
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
    rows = rows.prefetch_related("lines", "trip__stops__place", "trip__distances")
    # What the engine was given and said is not asked here, and is the most of a row.
    for number, one in enumerate(rows.defer("claim", "result").iterator(chunk_size=500)):
        tell(number, count)
        found.append(_paid(one))
    return found


def _paid(one: Settlement) -> Paid:
    trip, lines = one.trip, list(one.lines.all())
    known = [row.one_way_m for row in trip.distances.all()]
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


def trips_sheet(month: Month) -> bytes:
    """The newest sheet of the month with every settled row filled; the others to be looked at."""
    sheet = imports_of(month).first()
    if sheet is None:
        raise ExportRefused("no sheet of this month came in")
    fills = {row.number: _fill(row) for row in _rows(sheet.pk)}
    return filled(sheet.box().open(), fills)


def _rows(sheet: int) -> Iterator[SheetRow]:
    rows = SheetRow.objects.filter(sheet=sheet).exclude(fate=SheetRow.Fate.REFUSED)
    rows = rows.prefetch_related("trip__settlements__lines")
    return rows.order_by("number").iterator(chunk_size=500)


def _fill(row: SheetRow) -> Fill:
    paid = [one for one in row.trip.settlements.all() if one.voided_at is None] if row.trip else []
    if not paid:
        return Fill(None, CHECK)
    lines = [(line.item, line.amount) for line in paid[0].lines.all()]
    return Fill(paid[0].total, why_of(lines))


def sheet_of(month: Month, name: str, *, rows: Sequence[Paid], footer: str) -> Iterable[bytes]:
    """The sheet *name* of what ``paid_in`` found."""
    if name == "trips":
        return [trips_sheet(month)]
    made: dict[str, Callable[[], Iterable[bytes]]] = {
        "summary": lambda: books.summary_of(rows),
        "statement": lambda: books.statement_of(rows, footer=footer),
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


def kind_of(name: str) -> str:
    return CSV if name.endswith("-csv") else XLSX


def file_name(month: Month, name: str) -> str:
    ending = "csv" if name.endswith("-csv") else "xlsx"
    return f"{month.name}-{name.removesuffix('-csv')}.{ending}"


def footer_of(caller: Person, rows: Sequence[Paid], now: datetime) -> str:
    """By which rules, when, and how many."""
    day = now.astimezone(KST).date()
    return f"{caller.organisation.name} · {caller.organisation.rule_set} · {day} · {len(rows)}건"
