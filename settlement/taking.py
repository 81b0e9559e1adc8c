"""A row that is only in the sheet becomes a trip: what it says, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.models import Person, Place
from attest.errors import MoveRefused, NotYours
from settlement.models import Hold, SheetRow
from settlement.paying import UNTOUCHED
from trips.adopting import Adopted
from trips.models import Trip
from trips.plan import Plan, PlannedStop
from trips.services.adopt import adopt
from trips.units import split_unit
from trips.writing import approver_of

# By office and name.
_Places = Mapping[tuple[int, str], Place]


def take(rows: Sequence[SheetRow], *, clerk: Person, now: datetime) -> list[Trip]:
    """The trip of each, confirmed, with what holds its payment until somebody looked.

    Nobody pressed anything: a person says what else shows that the trip was made.
    """
    places = _places_of(rows)
    told = [_told(row, places, clerk, now) for row in rows]
    trips = adopt(told, by=clerk, now=now)
    Hold.objects.bulk_create(
        Hold(trip=trip, reason_code=UNTOUCHED, blocking=False, note=one.note, at=now, by=clerk)
        for trip, one in zip(trips, told, strict=True)
    )
    return trips


def _told(row: SheetRow, places: _Places, clerk: Person, now: datetime) -> Adopted:
    person = row.person
    if person is None:
        raise MoveRefused("please choose the person", why="row.person")
    if person.pk == clerk.pk:
        raise NotYours("nobody takes over their own trip")
    if row.starts_at is None or row.ends_at is None:
        raise MoveRefused("this row could not be read")
    approver = approver_of(person, now=now)
    if approver is None:
        raise MoveRefused("nobody may approve for this person", why="trip.no-approver")
    plan = Plan(
        purpose=row.purpose,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        vehicle=row.vehicle,
        approver=approver,
        stops=(_stop(row, person, places),),
    )
    note = f"sheet {bytes(row.sheet.digest).hex()[:16]} row {row.number}"
    return Adopted(person, plan, note, time_known=row.time_known)


def _places_of(rows: Sequence[SheetRow]) -> _Places:
    """The office's places that they name; of two of one name the first."""
    offices = {row.person.organisation_id for row in rows if row.person}
    named = Place.objects.filter(organisation__in=offices, name__in={row.place for row in rows})
    return {(place.organisation_id, place.name): place for place in named.order_by("-pk")}


def _stop(row: SheetRow, person: Person, places: _Places) -> PlannedStop:
    """A place of the office by its name, a 시·군·구 and words, or words within the own unit.

    The sheet is of in-area trips alone: what names no unit lies in that of the workplace.
    """
    if place := places.get((person.organisation_id, row.place)):
        return PlannedStop(place.name, place.unit, place)
    if found := split_unit(row.place):
        unit, rest = found
        return PlannedStop(rest or row.place, unit.unit)
    return PlannedStop(row.place, person.workplace.unit)
