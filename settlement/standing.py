"""A month's standing sum (월액여비): the days it counts, and whether it would still be the same.

A day counts once a trip that began on it was settled as one the sum pays: the engine called it
in-area and of the standing duty, and the desk found nothing that holds it. So every day rests on
the evidence and the approval of a trip, and nobody types a number of days. A trip planned over
weeks is one day, as the rules pay one by the day (R5, R8); and a date of a settled trip out of
the area was paid with that trip, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Self

from django.db.models import QuerySet

from accounts.models import Person
from attest.allowance import claim_from, compute, part_of
from attest.values import month_bounds
from settlement.models import Settlement
from trips.models import StandingAllowance, Trip
from trips.rules import rule_sets

# The sum of a month and the trips it counts no longer fit: one of them was settled before.
STANDING: Final = "claim.standing-changed"


@dataclass(frozen=True, slots=True)
class Days:
    """*duty* the sum pays, but for those that a trip *away* has paid."""

    duty: frozenset[date] = field(default_factory=frozenset)
    away: frozenset[date] = field(default_factory=frozenset)

    def __or__(self, other: Self) -> Days:
        return Days(self.duty | other.duty, self.away | other.away)

    def counted_in(self, month: str) -> set[date]:
        return {day for day in self.duty - self.away if _month(day) == month}

    @property
    def months(self) -> list[str]:
        return sorted({_month(day) for day in self.duty | self.away})


def allowances_in(month: str) -> QuerySet[StandingAllowance]:
    return StandingAllowance.objects.filter(first__lte=month, until__gt=month)


def facts_for(allowance: StandingAllowance, month: str) -> dict[str, Any]:
    """What the engine is asked for *month* (travel-expenses.md §2)."""
    return {
        "month": month,
        "monthly_amount": allowance.monthly_won,
        "days": len(days_of(allowance.person, month)),
    }


def days_of(person: Person, month: str, *, but: Settlement | None = None) -> set[date]:
    """The dates within *month* of the settled trips that its standing sum pays.

    As if *but* were taken back, where one is named.
    """
    return _settled(person, month, but=but).counted_in(month)


def _settled(person: Person, month: str, *, but: Settlement | None = None) -> Days:
    start, end = month_bounds(month)
    rows = Settlement.objects.filter(
        traveller=person,
        voided_at=None,
        trip__starts_at__lt=end,
        trip__ends_at__gte=start,
        trip__standing__isnull=True,
    )
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    found = Days()
    for paid in rows.select_related("trip"):
        found |= shown_by(paid.claim, part_of(paid.result, str(paid.trip.uid)))
    return found


def shown_by(claim: Mapping[str, Any], own: Mapping[str, Any] | None) -> Days:
    """What the trip *own* of *claim* says of its days."""
    if own is None:
        return Days()
    duty = any(one["id"] == own["id"] and one.get("standing_duty") for one in claim["trips"])
    if own["area"] == "in" and not duty:
        return Days()
    trip = next((one for one in claim_from(claim).trips if one.id == own["id"]), None)
    if trip is None:
        # The sum of a month itself: no trip of its claim.
        return Days()
    if own["area"] != "in":
        return Days(away=frozenset(_dates(trip.dates.first, trip.dates.last)))
    return Days(duty=frozenset({trip.day}))


def standing_stands(trip: Trip, claim: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether the sum of a month and the trips it counts fit together once *trip* is settled."""
    if trip.standing is not None:
        known = allowances_in(trip.month).filter(person=trip.traveller).first()
        return known is not None and facts_for(known, trip.month) == trip.standing
    shown = shown_by(claim, own or None)
    return all(
        _would_be(paid, shown) == paid.total
        for month in shown.months
        for paid in settled_sums(trip.traveller, month)
    )


def settled_sums(person: Person, month: str) -> QuerySet[Settlement]:
    """The standing sum of *month*, where it was settled and not taken back."""
    return Settlement.objects.filter(
        traveller=person,
        voided_at=None,
        trip__standing__isnull=False,
        trip__starts_at=month_bounds(month)[0],
    ).select_related("trip")


def counted_in(paid: Settlement) -> bool:
    """Whether a month's standing sum that was settled is another one without *paid*."""
    who = paid.traveller
    return any(
        settled_sums(who, month).exists() and days_of(who, month) != days_of(who, month, but=paid)
        for month in shown_by(paid.claim, part_of(paid.result, str(paid.trip.uid))).months
    )


def _would_be(paid: Settlement, more: Days) -> int:
    month = paid.trip.month
    days = len((_settled(paid.traveller, month) | more).counted_in(month))
    claim = {**paid.claim, "standing": {**paid.claim["standing"], "days": days}}
    return compute(claim_from(claim), rule_sets()).total


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
