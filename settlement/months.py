"""A month of an office: its name, its bounds, and how far the work on it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import ApprovalPair, Person
from attest.values import month_bounds
from settlement.models import (
    Batch,
    Hold,
    Line,
    Month,
    MonthShift,
    Payment,
    Settlement,
    SheetImport,
    SheetRow,
)
from trips.models import State, Trip

NAME: Final = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", re.ASCII)
ALIVE = (State.REQUESTED, State.APPROVED, State.TRAVELLING, State.RETURNED, State.CONFIRMED)
# Rows of which somebody has yet to say what they are.
UNDECIDED = (SheetRow.Fate.DOUBTFUL, SheetRow.Fate.UNKNOWN)
# Rows that are no trip yet, and of which nobody has said that they are left out.
WAITING = (*UNDECIDED, SheetRow.Fate.ONLY)


def month_for(clerk: Person, name: str) -> Month:
    """Its row, made by the work that first needs it."""
    return Month.objects.get_or_create(organisation=clerk.organisation, name=name)[0]


def months_of(caller: Person) -> QuerySet[Month]:
    return Month.objects.filter(organisation=caller.organisation_id).order_by("-name")


def trips_of_month(caller: Person, name: str) -> QuerySet[Trip]:
    """Trips of the office that begin in it and were not called off."""
    start, end = month_bounds(name)
    rows = Trip.objects.filter(
        traveller__organisation=caller.organisation_id, starts_at__gte=start, starts_at__lt=end
    )
    return rows.filter(state__in=[*ALIVE, State.SETTLED])


def imports_of(month: Month) -> QuerySet[SheetImport]:
    return SheetImport.objects.filter(month=month).defer("sheet").order_by("-pk")


def rows_of_month(month: Month) -> QuerySet[SheetRow]:
    rows = without_sheets(SheetRow.objects.filter(sheet__month=month))
    return rows.select_related("trip", "person__department").order_by("-pk")


def without_sheets(rows: QuerySet[SheetRow]) -> QuerySet[SheetRow]:
    """*rows* with what is known of their sheets: not with megabytes of workbook beside each."""
    return rows.select_related("sheet").defer("sheet__sheet")


def only_product(caller: Person, name: str) -> QuerySet[Trip]:
    """Trips made here that no sheet of their month knows."""
    rows = trips_of_month(caller, name).filter(source=Trip.Source.PRODUCT, sheet_rows=None)
    return rows.select_related("traveller__department").order_by("-pk")


def settlements_of_month(caller: Person, name: str) -> QuerySet[Settlement]:
    """What is paid in it and was not taken back."""
    rows = Settlement.objects.filter(
        traveller__organisation=caller.organisation_id, month=name, voided_at=None
    )
    return rows.select_related("trip__department", "traveller__department").order_by("pk")


def shifts_of_month(month: Month) -> QuerySet[MonthShift]:
    """What was left out of its payment statement, or added to it, in the order it was done."""
    rows = MonthShift.objects.filter(
        Q(left=month.name) | Q(joined=month.name),
        settlement__traveller__organisation=month.organisation_id,
    )
    return rows.select_related("settlement__trip", "settlement__traveller", "by").order_by("pk")


def added_later(caller: Person, name: str) -> QuerySet[Settlement]:
    """What could be on the statement of this month and stands on a later one, not on its way."""
    rows = Settlement.objects.filter(
        traveller__organisation=caller.organisation_id,
        month__gt=name,
        trip__starts_at__lt=month_bounds(name)[1],
        voided_at=None,
        payment__in=[Payment.UNPAID, Payment.FAILED],
    )
    return rows.select_related("trip", "traveller__department").order_by("-pk")


def proposed_reopening(month: Month) -> ApprovalPair | None:
    about = reopening_of(month)
    return ApprovalPair.objects.filter(about=about, checker=None).select_related("maker").first()


def reopening_of(month: Month) -> str:
    """What a reopening is called: each closing has one of its own."""
    return f"reopen:{month.pk}:{month.moves.filter(state=Month.State.CLOSED).count()}"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The sum once more by another way: by counts and prices (ux.md §7.4)."""

    full: int
    half: int
    actual: int
    other: int
    total: int

    @property
    def adds_up(self) -> bool:
        return self.full * 20_000 + self.half * 10_000 + self.actual + self.other == self.total


@dataclass(frozen=True, slots=True)
class Counts:
    """What is left at every step, and the sums so far."""

    imports: int
    fates: dict[str, int]
    only_product: int
    holds: int
    trips: int
    unsettled: int
    open_batches: int
    payments: dict[str, int]

    @property
    def undecided(self) -> int:
        return sum(self.fates[fate] for fate in UNDECIDED)


def counts_of(caller: Person, month: Month) -> Counts:
    fates = dict.fromkeys(SheetRow.Fate.values, 0)
    said = SheetRow.objects.filter(sheet__month=month).values_list("fate")
    fates |= dict(said.annotate(Count("pk")))
    payments = dict.fromkeys(Payment.values, 0)
    settled = settlements_of_month(caller, month.name).order_by()
    payments |= dict(settled.filter(total__gt=0).values_list("payment").annotate(Count("pk")))
    trips = trips_of_month(caller, month.name)
    numbers = trips.aggregate(
        all=Count("pk"), unsettled=Count("pk", filter=~Q(state=State.SETTLED))
    )
    return Counts(
        imports=month.imports.count(),
        fates=fates,
        only_product=only_product(caller, month.name).count(),
        holds=Hold.objects.filter(trip__in=trips).exclude(state=Hold.State.RESOLVED).count(),
        trips=numbers["all"],
        unsettled=numbers["unsettled"],
        open_batches=Batch.objects.filter(
            organisation=caller.organisation_id, state=Batch.State.OPEN, trips__trip__in=trips
        )
        .distinct()
        .count(),
        payments=payments,
    )


def check_line_of(caller: Person, name: str) -> CheckLine:
    """Counted by the database over the lines of what was settled."""
    settled = settlements_of_month(caller, name)
    lines = Line.objects.filter(settlement__in=settled)
    flat = Q(item="in_area_flat")
    found = lines.aggregate(
        full=Count("pk", filter=flat & Q(amount=20_000)),
        half=Count("pk", filter=flat & Q(amount=10_000)),
        actual=Sum("amount", filter=Q(item="in_area_actual"), default=0),
        other=Sum(
            "amount",
            filter=~Q(item="in_area_actual") & ~(flat & Q(amount__in=[10_000, 20_000])),
            default=0,
        ),
    )
    return CheckLine(total=settled.aggregate(won=Sum("total", default=0))["won"], **found)
