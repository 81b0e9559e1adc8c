"""Reads about hosts: the asks of a touch, and who travelled beside whom."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Person
from trips.models import CheckIn, HostAsk, Kind, State

# How long afterwards a colleague is asked.
BESIDE = timedelta(days=7)
_MOST = 50


def asks_of(touch: CheckIn) -> QuerySet[HostAsk]:
    return touch.host_asks.order_by("pk")


def touches_beside(person: Person, *, at: datetime) -> QuerySet[CheckIn]:
    """Arrivals of those who named *person* as companion, or whom *person* named.

    One's own naming counts for the time of an ordered trip alone: a draft nobody saw shows
    nobody's arrivals.
    """
    named_me = Q(trip__companions__person=person)
    named_by_me = Exists(
        person.trips.filter(
            companions__person=OuterRef("trip__traveller"),
            approved_at__isnull=False,
            starts_at__lte=OuterRef("recorded_at"),
            ends_at__gte=OuterRef("recorded_at"),
        ).exclude(state__in=[State.CANCELLED, State.VOIDED])
    )
    answered = HostAsk.objects.filter(check_in=OuterRef("pk"), answered_by=person)
    touches = CheckIn.objects.filter(
        named_me | Q(named_by_me),
        recorded_at__gte=at - BESIDE,
        withdrawn_at=None,
        trip__traveller__organisation=person.organisation_id,
    )
    touches = touches.exclude(kind=Kind.RETURN).exclude(trip__traveller=person)
    touches = touches.exclude(trip__state__in=[State.CANCELLED, State.VOIDED])
    touches = touches.filter(~Exists(answered)).distinct()
    return touches.select_related("trip__traveller__department").order_by("-recorded_at", "-pk")


def first_beside(person: Person, *, at: datetime) -> list[CheckIn]:
    return list(touches_beside(person, at=at).prefetch_related("trip__stops")[:_MOST])
