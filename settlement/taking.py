"""A row that is only in the sheet becomes a trip: what it says, and no more."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person, Place
from attest.errors import MoveRefused, NotYours
from settlement.models import Hold, SheetRow
from trips.adopting import Adopted
from trips.models import Trip
from trips.plan import Plan, PlannedStop
from trips.services.adopt import adopt
from trips.units import split_unit
from trips.writing import approver_of

# Nobody pressed anything: a person says what else shows that the trip was made.
WHY = "evidence.supplement"


def take(row: SheetRow, *, person: Person, clerk: Person, now: datetime) -> Trip:
    """The trip of *row*, confirmed, with what holds its payment until somebody looked."""
    if person.pk == clerk.pk:
        raise NotYours("nobody takes over their own trip")
    if row.starts_at is None or row.ends_at is None:
        raise MoveRefused("this row could not be read")
    approver = approver_of(person, now=now)
    if approver is None:
        raise MoveRefused("nobody may approve for this person")
    plan = Plan(
        purpose=row.purpose,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        vehicle=row.vehicle,
        approver=approver,
        stops=(_stop(row, person),),
    )
    note = f"sheet {bytes(row.sheet.digest).hex()[:16]} row {row.number}"
    told = Adopted(plan, note, time_known=row.time_known)
    trip = adopt(told, traveller=person, by=clerk, now=now)
    Hold.objects.create(trip=trip, reason_code=WHY, blocking=False, note=note, at=now, by=clerk)
    return trip


def _stop(row: SheetRow, person: Person) -> PlannedStop:
    """A place of the office by its name, a 시·군·구 and words, or words within the own unit.

    The sheet is of in-area trips alone: what names no unit lies in that of the workplace.
    """
    place = Place.objects.filter(organisation=person.organisation_id, name=row.place).first()
    if place:
        return PlannedStop(place.name, place.unit, place)
    if found := split_unit(row.place):
        unit, rest = found
        return PlannedStop(rest or row.place, unit.unit)
    return PlannedStop(row.place, person.workplace.unit)
