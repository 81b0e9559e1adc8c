"""What the verbs of a trip share: its lock, its plan, its number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from secrets import token_bytes

from django.conf import settings
from django.db.models import F, Q, QuerySet

from accounts.models import Department, Person
from accounts.selectors import approvers_for
from attest.errors import MoveRefused
from attest.spoken import spoken
from attest.values import KST
from trips.models import (
    CheckIn,
    Companion,
    Distance,
    Renewed,
    Serial,
    Trip,
    TripStop,
    TripToken,
)
from trips.plan import Plan
from trips.policy import policy_of


def locked(trip: Trip) -> Trip:
    """*trip* afresh, its row held until the deed is done."""
    return held().get(pk=trip.pk)


def held() -> QuerySet[Trip]:
    """Trips whose rows are held, with all that a deed reads beside them."""
    rows = Trip.objects.select_for_update(of=("self",))
    return rows.select_related(
        "department", "approver", "traveller__organisation", "traveller__workplace"
    )


def reasoned(text: str) -> str:
    """*text* without blanks round it; a deed that needs a reason is refused without one."""
    if not (said := text.strip()):
        raise MoveRefused("this needs a reason", why="reason.missing")
    return said[:500]


def next_number(now: datetime) -> str:
    """``BT26-004217``: the year, then a serial of the installation, six digits or more."""
    return next_numbers(now, count=1)[0]


def next_numbers(now: datetime, *, count: int) -> list[str]:
    """So many in a row."""
    year = now.astimezone(KST).year
    Serial.objects.get_or_create(year=year)
    Serial.objects.filter(year=year).update(last=F("last") + count)
    last = Serial.objects.get(year=year).last
    return [f"BT{year % 100:02d}-{last - count + n:06d}" for n in range(1, count + 1)]


def unused_id() -> tuple[bytes, str]:
    """An id for a token and its number, which no touch and no trip ever had."""
    while True:
        cti = token_bytes(8)
        number = spoken(settings.HOST, cti).replace("-", "")
        taken = Q(cti=cti) | Q(spoken=number)
        if not any(row.objects.filter(taken).exists() for row in (CheckIn, Renewed, TripToken)):
            return cti, number


def new_trip(*, traveller: Person, plan: Plan, now: datetime, number: str = "") -> Trip:
    return Trip(
        number=number or next_number(now),
        traveller=traveller,
        department=traveller.department,
        approver=plan.approver,
        purpose=plan.purpose,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        vehicle=plan.vehicle,
        registered_at=now,
    )


def put_plan(trip: Trip, plan: Plan) -> None:
    """Write *plan* over what stood there before; the caller saves the trip's own row."""
    trip.purpose, trip.vehicle, trip.approver = plan.purpose, plan.vehicle, plan.approver
    trip.starts_at, trip.ends_at = plan.starts_at, plan.ends_at
    trip.policy = policy_of(plan)
    if trip.open_hash is not None:
        trip.revision += 1
    for rows in (trip.stops, trip.companions, trip.distances):
        rows.all().delete()
    put_rows([(trip, plan)], stops=stops_of(trip, plan))


def put_rows(planned: Sequence[tuple[Trip, Plan]], *, stops: Iterable[TripStop]) -> None:
    """What the plans of trips say beside their own rows, which are there; *stops* are theirs."""
    TripStop.objects.bulk_create(stops)
    Companion.objects.bulk_create(
        Companion(trip=trip, person=person)
        for trip, plan in planned
        for person in plan.companions
        if person.pk != trip.traveller_id
    )
    Distance.objects.bulk_create(
        Distance(
            trip=trip, origin="workplace", one_way_m=max(known), method=Distance.Method.DECLARED
        )
        for trip, plan in planned
        if (known := [stop.one_way_m for stop in plan.stops if stop.one_way_m is not None])
    )


def stops_of(trip: Trip, plan: Plan) -> list[TripStop]:
    rows = []
    for number, planned in enumerate(plan.stops):
        place = planned.place
        row = TripStop(
            trip=trip,
            sequence=number,
            place=place,
            unit=place.unit if place else planned.unit,
            text=planned.text,
        )
        if place and (box := place.box()):
            row.radius_m = place.radius_m
            # A place's point is the office's own; the trip keeps its copy under its own key.
            row.put_point(box.open())
        rows.append(row)
    return rows


def approver_of(traveller: Person, *, now: datetime) -> Person | None:
    """Who decides on a trip nobody asked for: up the departments, else any approver there is."""
    department: Department | None = traveller.department
    while department:
        if department.approver_id and department.approver_id != traveller.pk:
            return department.approver
        department = department.parent
    return approvers_for(traveller, at=now).first()
