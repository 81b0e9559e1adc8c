"""A month's standing sum (월액여비): the days it counts, and whether it would still be the same.

A day counts once a trip of it was settled as one the sum pays: the engine called it in-area and
of the standing duty, and the desk found nothing that holds it. So every day rests on the
evidence and the approval of a trip, and nobody types a number of days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from accounts.models import Person
from attest.allowance import claim_from, compute, part_of
from attest.values import month_bounds
from settlement.models import Settlement
from trips.models import StandingAllowance, Trip
from trips.rules import rule_sets

# The sum of a month and the trips it counts no longer fit: one of them was settled before.
STANDING: Final = "claim.standing-changed"


def allowances_in(month: str) -> QuerySet[StandingAllowance]:
    return StandingAllowance.objects.filter(first__lte=month, until__gt=month)


def facts_for(allowance: StandingAllowance, month: str) -> dict[str, Any]:
    """What the engine is asked for *month* (travel-expenses.md §2)."""
    return {
        "month": month,
        "monthly_amount": allowance.monthly_won,
        "days": len(days_of(allowance.person, month)),
    }


def days_of(person: Person, month: str) -> set[date]:
    """The dates within *month* of the settled trips that its standing sum pays."""
    start, end = month_bounds(month)
    rows = Settlement.objects.filter(
        traveller=person,
        voided_at=None,
        trip__starts_at__lt=end,
        trip__ends_at__gte=start,
        trip__standing__isnull=True,
    )
    found = set[date]()
    for paid in rows.select_related("trip"):
        own = part_of(paid.result, str(paid.trip.uid))
        found |= {day for day in dates_paid_by(paid.claim, own) if _month(day) == month}
    return found


def dates_paid_by(claim: Mapping[str, Any], own: Mapping[str, Any] | None) -> set[date]:
    """The dates of the trip *own* of *claim*, where the standing sum pays it; else none."""
    if own is None or own["area"] != "in":
        return set()
    if not any(one["id"] == own["id"] and one.get("standing_duty") for one in claim["trips"]):
        return set()
    (trip,) = [one for one in claim_from(claim).trips if one.id == own["id"]]
    return set(_dates(trip.dates.first, trip.dates.last))


def standing_stands(trip: Trip, claim: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether the sum of a month and the trips it counts fit together once *trip* is settled."""
    if trip.standing is not None:
        known = allowances_in(trip.month).filter(person=trip.traveller).first()
        return known is not None and facts_for(known, trip.month) == trip.standing
    days = dates_paid_by(claim, own)
    return all(
        _would_be(paid, days) == paid.total
        for month in sorted({_month(day) for day in days})
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
    """Whether a month's standing sum that was settled counts a day of *paid*."""
    days = dates_paid_by(paid.claim, part_of(paid.result, str(paid.trip.uid)))
    months = {_month(day) for day in days}
    return any(settled_sums(paid.traveller, month).exists() for month in months)


def _would_be(paid: Settlement, more: set[date]) -> int:
    month = paid.trip.month
    within = {day for day in more if _month(day) == month}
    days = len(days_of(paid.traveller, month) | within)
    claim = {**paid.claim, "standing": {**paid.claim["standing"], "days": days}}
    return compute(claim_from(claim), rule_sets()).total


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
