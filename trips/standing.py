"""What the verbs of standing allowances share: the months that stay as they are."""

from __future__ import annotations

from django.db.models import F, QuerySet

from accounts.models import Person
from attest.errors import AlreadySettled
from attest.values import month_bounds
from trips.models import StandingAllowance, State, Trip


def hold_days_of(*people: int) -> None:
    """Until the deed is done: a day of theirs is paid by the day or by the month, never by both.

    Whoever holds a trip holds it first. Their own touches do not wait for it.
    """
    rows = Person.objects.select_for_update(no_key=True).filter(pk__in=people)
    # In one order, whoever holds several: two that wait for each other would wait for ever.
    list(rows.order_by("pk").values_list("pk"))


def taken(first: str, until: str) -> QuerySet[StandingAllowance]:
    """Those that count for a month from *first* up to *until*; one taken back counts for none."""
    rows = StandingAllowance.objects.filter(first__lt=until, until__gt=first)
    return rows.exclude(until=F("first"))


def refuse_settled(person: Person, first: str, until: str) -> None:
    """A settled trip from *first* up to *until* was paid by what was written down then."""
    settled = Trip.objects.filter(
        traveller=person,
        state=State.SETTLED,
        starts_at__gte=month_bounds(first)[0],
        starts_at__lt=month_bounds(until)[0],
    )
    if settled.exists():
        raise AlreadySettled("a trip of these months is settled: take that back first")
