"""The traveller tells what a trip cost, and asks for settlement with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.allowance import canonical, claim_from
from attest.errors import ClaimRefused, Fault, MoveRefused, NotYours
from attest.values import KST
from ledger.services.append import append
from trips import leaves
from trips.claim import COSTS, claim_of
from trips.fuel import refuse_typed, without_absent
from trips.models import COSTS_OPEN, State, Trip
from trips.writing import locked

_DAY, _ISO = timedelta(days=1), re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_OTHER_DAY = ("출장 기간 밖의 날짜입니다", "this date is outside the trip")


@transaction.atomic
def tell_costs(trip: Trip, *, person: Person, costs: Mapping[str, Any], now: datetime) -> Trip:
    """Whole, in place of what was told before. A fault is named and nothing is kept.

    The day of the newest telling counts for the deadlines: what was added late is late.
    Told after the trip was confirmed, it waits for its approver once more.
    """
    trip = locked(trip)
    if person.pk != trip.traveller_id:
        raise NotYours("only the traveller tells what their trip cost")
    if trip.standing is not None:
        raise MoveRefused("the sum of a month has no costs of its own")
    if trip.state not in COSTS_OPEN:
        raise MoveRefused(f"this trip is {trip.state}: its costs cannot be told")
    said = {name: costs[name] for name in COSTS if costs.get(name)}
    trip.costs = said | {"claimed_on": now.astimezone(KST).date().isoformat()}
    _on_the_days(trip, said.get("fares", ()))
    refuse_typed(said.get("fares"))
    _computable(trip)
    if trip.state == State.CONFIRMED:
        trip.state = trip.after("send_back")
    trip.save(update_fields=["costs", "state"])
    new = {"item": "costs", "sha256": sha256(canonical(trip.costs)).hexdigest()}
    event = leaves.corrected(trip, actor=person.ref, reason="costs", new=new)
    append(event=event, trip=trip.line, at=now)
    return trip


def _computable(trip: Trip) -> None:
    """What was told, whole; a price of fuel may come into the list later."""
    try:
        claim_from(claim_of([trip], person=trip.traveller))
    except ClaimRefused as refused:
        if faults := without_absent(refused.faults):
            raise ClaimRefused(faults) from refused


def _on_the_days(trip: Trip, fares: Any) -> None:
    """A ride of another journey is none of this one; a night train may leave the day before."""
    first = (trip.starts_at.astimezone(KST) - _DAY).date().isoformat()
    last = (trip.ends_at.astimezone(KST) + _DAY).date().isoformat()
    rides = fares if isinstance(fares, list) else []
    days = [str(ride.get("date", "")) if isinstance(ride, Mapping) else "" for ride in rides]
    faults = [
        Fault("costs.fare_date", f"trips[0].fares[{n}].date", *_OTHER_DAY)
        for n, day in enumerate(days)
        if _ISO.fullmatch(day) and not first <= day <= last
    ]
    if faults:
        raise ClaimRefused(faults)
