"""The traveller tells what a trip cost, and asks for settlement with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from accounts.models import Person
from attest.allowance import canonical, claim_from
from attest.errors import MoveRefused, NotYours
from attest.values import KST
from ledger.services.append import append
from trips import leaves
from trips.claim import COSTS, claim_of
from trips.models import COSTS_OPEN, Trip
from trips.writing import locked


@transaction.atomic
def tell_costs(trip: Trip, *, person: Person, costs: Mapping[str, Any], now: datetime) -> Trip:
    """Whole, in place of what was told before. A fault is named and nothing is kept.

    The day of the newest telling counts for the deadlines: what was added late is late.
    """
    trip = locked(trip)
    if person.pk != trip.traveller_id:
        raise NotYours("only the traveller tells what their trip cost")
    if trip.state not in COSTS_OPEN:
        raise MoveRefused(f"this trip is {trip.state}: its costs cannot be told")
    said = {name: costs[name] for name in COSTS if costs.get(name)}
    trip.costs = said | {"claimed_on": now.astimezone(KST).date().isoformat()}
    claim_from(claim_of([trip], person=trip.traveller))
    trip.save(update_fields=["costs"])
    new = {"item": "costs", "sha256": sha256(canonical(trip.costs)).hexdigest()}
    event = leaves.corrected(trip, actor=person.ref, reason="costs", new=new)
    append(event=event, trip=trip.line, at=now)
    return trip
