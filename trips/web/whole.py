"""The receipt of a whole trip, as its traveller's pages and papers show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString, mark_safe

from accounts.models import Person
from trips import qr
from trips.models import Trip, TripToken
from trips.receipt import Receipt, receipt_of
from trips.selectors import has_whole_receipt
from trips.services.seal_trip import seal_trip


@dataclass(frozen=True, slots=True)
class Whole:
    token: TripToken
    receipt: Receipt

    @property
    def code(self) -> SafeString:
        drawn = qr.svg(self.receipt.text)
        return mark_safe(drawn)  # noqa: S308 -- digits and path commands of our own drawing


def whole_of(trip: Trip, *, person: Person, now: datetime) -> Whole | None:
    """None where no touch stands that is evidence; *trip* comes with its touches."""
    if not has_whole_receipt(trip):
        return None
    token = seal_trip(trip, now=now)
    return Whole(token, receipt_of(token, reader=person))
