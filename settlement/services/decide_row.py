"""A clerk says what a row is that the machine could not be sure of, and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Person
from attest.errors import MoveRefused
from settlement.matching import namesakes, near_trips
from settlement.models import SheetRow
from settlement.monthly import held_open
from settlement.months import WAITING, without_sheets
from settlement.taking import take
from trips.writing import reasoned

Fate = SheetRow.Fate
SAME, NEW, LEAVE = "same", "new", "leave"


@transaction.atomic
def decide_row(
    row: SheetRow,
    *,
    clerk: Person,
    choice: str,
    person: UUID | None,
    trip: UUID | None,
    reason: str,
    now: datetime,
) -> SheetRow:
    """*choice*: ``same`` as *trip*, a ``new`` trip, or ``leave`` it out."""
    said = reasoned(reason)
    held_open(row.sheet.month)
    rows = without_sheets(SheetRow.objects.select_for_update(of=("self",)))
    row = rows.select_related("sheet__month").get(pk=row.pk)
    if row.fate not in WAITING:
        raise MoveRefused("this row is decided already", why="row.decided")
    if choice != LEAVE:
        _say_what(row, choice, _person(row, person), trip, clerk, now)
    else:
        row.fate = Fate.LEFT
    row.reason, row.decided_by, row.decided_at = said, clerk, now
    row.save(update_fields=["fate", "person", "trip", "reason", "decided_by", "decided_at"])
    return row


def _say_what(
    row: SheetRow, choice: str, person: Person, trip: UUID | None, clerk: Person, now: datetime
) -> None:
    row.person = person
    if choice == NEW:
        (row.trip,) = take([row], clerk=clerk, now=now)
        row.fate = Fate.ADDED
        return
    same = [one for one in near_trips(row, person) if one.uid == trip]
    if choice != SAME or not same:
        raise MoveRefused("no such choice for this row")
    if SheetRow.objects.filter(sheet=row.sheet, trip=same[0]).exists():
        raise MoveRefused("another row of this sheet is that trip", why="row.trip-taken")
    row.trip, row.fate = same[0], Fate.MATCHED


def _person(row: SheetRow, uid: UUID | None) -> Person:
    """Whom the row means: the one who was found, or one of the same name."""
    if row.person_id:
        known = Person.objects.select_related("organisation", "department", "workplace")
        return known.get(pk=row.person_id)
    for person in namesakes(row):
        if person.uid == uid:
            return person
    raise MoveRefused("please choose the person", why="row.person")
