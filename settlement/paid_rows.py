"""Every settlement of a month as the plain row its books are drawn from.

A month has tens of thousands: each is read as columns, and what hangs from five hundred of them
in one question a kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from django.db.models import QuerySet

from settlement.models import Line, Settlement
from settlement.sheets.books import Paid
from trips.models import Distance, TripStop, Vehicle
from trips.units import unit_words

AT_ONCE: Final = 500
# The sheet says in a word why a sum is not the plain flat one.
_WHY: Final = {
    "in_area_day_cap": "1일 상한",
    "in_area_actual": "왕복 2km 이내 실비",
    "in_area_car_deduction": "공무용 차량",
}
_COLUMNS: Final = (
    *("pk", "uid", "total", "traveller", "traveller__name", "traveller__grade"),
    *("trip", "trip__number", "trip__department__name", "trip__starts_at", "trip__ends_at"),
    *("trip__purpose", "trip__vehicle", "trip__decided", "trip__standing"),
)


def paid_rows(settlements: QuerySet[Settlement], *, unpaid: Collection[int]) -> Iterator[Paid]:
    """*settlements* in their order; *unpaid* are trips that a sheet once brought in at nothing."""
    found = settlements.values_list(*_COLUMNS, named=True).iterator(chunk_size=AT_ONCE)
    vehicles = {value: str(label) for value, label in Vehicle.choices}
    while some := list(islice(found, AT_ONCE)):
        trips = [row.trip for row in some]
        lines = by_first(lines_of(row.pk for row in some), "settlement", "item", "amount")
        stops = by_first(
            TripStop.objects.filter(trip__in=trips).order_by("sequence"),
            *("trip", "text", "place", "place__name", "place__unit", "place__town"),
        )
        measured = by_first(Distance.objects.filter(trip__in=trips), "trip", "one_way_m")
        for row in some:
            known = [metres for (metres,) in measured[row.trip]]
            yield _paid(
                row,
                lines[row.pk],
                stops[row.trip],
                known,
                vehicle=vehicles.get(row.trip__vehicle, row.trip__vehicle),
                unpaid=row.trip in unpaid,
            )


def lines_of(settlements: Iterable[int]) -> QuerySet[Line]:
    return Line.objects.filter(settlement__in=list(settlements)).order_by("sequence")


def by_first(rows: QuerySet[Any], *columns: str) -> dict[int, list[tuple[Any, ...]]]:
    """The *columns* of *rows* but the first, by the first."""
    found = defaultdict[int, list[tuple[Any, ...]]](list)
    for first, *rest in rows.values_list(*columns):
        found[first].append(tuple(rest))
    return found


def _paid(
    row: Any,
    lines: list[tuple[Any, ...]],
    stops: list[tuple[Any, ...]],
    measured: list[int],
    *,
    vehicle: str,
    unpaid: bool,
) -> Paid:
    places = [rest for _, place, *rest in stops if place]
    name, unit, town = places[0] if places else ("", "", "")
    decided = (row.trip__decided or {}).get("distances")
    known = [one["one_way_m"] for one in decided] if decided else measured
    return Paid(
        uid=str(row.uid),
        number=row.trip__number,
        department=row.trip__department__name,
        name=row.traveller__name,
        person=row.traveller,
        grade=row.traveller__grade,
        starts_at=row.trip__starts_at,
        ends_at=row.trip__ends_at,
        place=", ".join(text for text, *_ in stops),
        purpose=row.trip__purpose,
        vehicle=vehicle,
        won=row.total,
        flat=sum(amount for item, amount in lines if item == "in_area_flat"),
        actual=sum(amount for item, amount in lines if item == "in_area_actual"),
        why=why_of(lines),
        one_way_m=min(known) if known else None,
        searched=name,
        address=" ".join(filter(None, (unit_words(unit), town))) if places else "",
        unpaid_before=unpaid,
        standing=row.trip__standing is not None,
    )


def why_of(lines: Iterable[tuple[Any, ...]]) -> str:
    """The reasons a sum is not the plain flat one, of items and amounts; none where it is."""
    found = [
        _WHY[item]
        for item, amount in lines
        if item in _WHY and (amount or item == "in_area_actual")
    ]
    return ", ".join(dict.fromkeys(found))
