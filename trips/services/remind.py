"""The worker finds what the clock alone tells: nobody touched, or a trip has come back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Post
from accounts.posting import post
from trips.models import State, Trip

ARRIVAL, RETURN = timedelta(minutes=30), timedelta(hours=1)
# What a worker that stood still for longer missed is no news any more.
_OLDEST = timedelta(days=1)
# Trips last longer than a day; further back no start is looked for.
_LONGEST = timedelta(days=60)
MOST = 200


@transaction.atomic
def remind(*, now: datetime) -> int:
    """Write what is due and was not written yet, at most ``MOST`` of each kind; say how many."""
    told = 0
    for kind, trips in _due(now).items():
        for trip in trips[:MOST]:
            to = trip.approver if kind == Post.Kind.TO_CONFIRM else trip.traveller
            if to is not None:
                post(to, kind=kind, dedupe=f"{kind}:{trip.uid}", about=trip.uid, now=now)
                told += 1
    return told


def _due(now: datetime) -> dict[Post.Kind, QuerySet[Trip]]:
    kind = Post.Kind
    return {
        kind.ARRIVAL_DUE: _untold(kind.ARRIVAL_DUE).filter(
            state=State.APPROVED,
            standing__isnull=True,
            starts_at__range=(now - _OLDEST, now - ARRIVAL),
        ),
        kind.RETURN_DUE: _untold(kind.RETURN_DUE).filter(
            state__in=[State.APPROVED, State.TRAVELLING],
            standing__isnull=True,
            starts_at__range=(now - _LONGEST, now),
            ends_at__range=(now - _OLDEST, now - RETURN),
        ),
        kind.TO_CONFIRM: _untold(kind.TO_CONFIRM).filter(
            state=State.RETURNED,
            starts_at__range=(now - _LONGEST, now),
            approver__isnull=False,
        ),
    }


def _untold(kind: Post.Kind) -> QuerySet[Trip]:
    told = Post.objects.filter(about=OuterRef("uid"), kind=kind)
    rows = Trip.objects.filter(~Exists(told)).select_related("traveller", "approver")
    return rows.order_by("starts_at", "pk")
