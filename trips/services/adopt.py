"""Trips approved in the personnel system become confirmed trips here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Person
from ledger.outbox import Deed
from ledger.services.append_all import append_all
from trips import leaves
from trips.adopting import Adopted
from trips.deciding import ordered, put_decisions
from trips.models import State, Trip
from trips.policy import policy_of
from trips.writing import new_trip, next_numbers, put_rows, stops_of
from vault.prepared import hang


@transaction.atomic
def adopt(told: Sequence[Adopted], *, by: Person, now: datetime) -> list[Trip]:
    """All of them or none, in as many statements as for one.

    The log keeps that *by* took them over, and from which sheet: nobody here saw the approval.
    """
    numbers = next_numbers(now, count=len(told))
    trips = [_trip(one, number, now) for one, number in zip(told, numbers, strict=True)]
    Trip.objects.bulk_create(trips)
    planned = [(trip, one.plan) for trip, one in zip(trips, told, strict=True)]
    for trip, plan in planned:
        hang(trip, "stops", stops_of(trip, plan))
    put_rows(planned, stops=[stop for trip in trips for stop in trip.stops.all()])
    opened = append_all([Deed(leaves.opened(trip), trip.line) for trip in trips], at=now)
    for trip, leaf in zip(trips, opened, strict=True):
        trip.open_hash = leaf.hash
    Trip.objects.bulk_update(trips, ["open_hash"])
    noted = [(trip, one.note) for trip, one in zip(trips, told, strict=True)]
    put_decisions(noted, by=by, step=2, decision="approve", now=now)
    return trips


def _trip(told: Adopted, number: str, now: datetime) -> Trip:
    trip = new_trip(traveller=told.traveller, plan=told.plan, now=now, number=number)
    trip.source, trip.time_known = Trip.Source.SHEET, told.time_known
    trip.policy = policy_of(told.plan)
    ordered(trip, now=now)
    trip.state = State.CONFIRMED
    return trip
