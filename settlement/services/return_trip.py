"""The clerk sends a confirmed trip back; a Hold keeps it from being paid meanwhile."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.errors import NotYours
from settlement.models import Hold
from settlement.selectors import may_settle
from trips.models import Trip
from trips.services.send_back import send_back


@transaction.atomic
def return_trip(trip: Trip, *, clerk: Person, reason: str, now: datetime) -> Hold:
    if not may_settle(clerk, trip, at=now):
        raise NotYours("this trip is not yours to send back")
    trip = send_back(trip, actor=clerk, reason=reason, now=now)
    return Hold.objects.create(
        trip=trip, reason_code="claim.sent-back", note=reason, at=now, by=clerk
    )
