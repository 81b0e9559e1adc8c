"""Reads of trips. Every question is asked by somebody; another person's trip is not there."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts.hands import hands_of
from accounts.models import Person, Role
from accounts.selectors import may_administer, roles_of
from attest.claims import MOST_MEMBERS
from trips.models import (
    Assessment,
    CheckIn,
    Correction,
    Decision,
    Renewed,
    SharedPhone,
    StandingAllowance,
    State,
    Trip,
    TripStop,
    Verdict,
)

OPEN_TO_APPROVAL = (State.REQUESTED, State.APPROVED, State.TRAVELLING, State.RETURNED)


def trips_travelled_by(caller: Person) -> QuerySet[Trip]:
    """What *caller* may touch. To see a trip is not to be on it."""
    return Trip.objects.filter(traveller=caller).select_related("traveller", "approver")


def shared_phones_about(caller: Person, *, since: date) -> list[SharedPhone]:
    """What *caller* declared or was named for, from *since* on; soonest first."""
    rows = SharedPhone.objects.filter(Q(keeper=caller) | Q(people=caller), day__gte=since)
    rows = rows.distinct().select_related("keeper").prefetch_related("people")
    return list(rows.order_by("day", "pk")[:50])


def allowances_administered_by(caller: Person, *, at: datetime) -> QuerySet[StandingAllowance]:
    """Those of the office, for its administrators; none for anybody else."""
    rows = StandingAllowance.objects.filter(person__organisation=caller.organisation_id)
    rows = rows.select_related("person__organisation", "by", "ended_by")
    return rows if may_administer(caller, at=at) else rows.none()


def trips_approved_by(caller: Person, *, at: datetime) -> QuerySet[Trip]:
    """What lies before *caller* as approver, or as delegate of one; never a trip of their own.

    Nor one of anybody whom delegation ties to the caller, in either direction.
    """
    hands = hands_of(caller, at=at)
    trips = Trip.objects.filter(approver__in=[caller.pk, *hands.of])
    trips = trips.exclude(traveller__in=[caller.pk, *hands.tied])
    return trips.select_related("traveller__department", "approver")


def trips_visible_to(caller: Person, *, at: datetime) -> QuerySet[Trip]:
    """Own trips and those one approves; clerks and auditors see their organisation's."""
    trips = Trip.objects.select_related("traveller__department", "approver")
    if roles_of(caller, at=at) & {Role.CLERK, Role.AUDITOR}:
        return trips.filter(traveller__organisation=caller.organisation_id)
    own = Q(traveller=caller) | Q(approver=caller)
    if Role.APPROVER in roles_of(caller, at=at):
        own |= Q(pk__in=trips_approved_by(caller, at=at).values("pk"))
    return trips.filter(own)


def with_touches(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """Stops, touches and their newest assessments, in a fixed number of queries."""
    newest = Assessment.objects.order_by("pk")
    touches = CheckIn.objects.order_by("recorded_at", "pk").prefetch_related(
        Prefetch("assessments", queryset=newest)
    )
    return with_stops(trips).prefetch_related(Prefetch("check_ins", queryset=touches))


def with_stops(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """Where they lead, in one query more."""
    return trips.prefetch_related(Prefetch("stops", queryset=stops_with_places()))


def stops_with_places() -> QuerySet[TripStop]:
    return TripStop.objects.select_related("place")


def approvals_pending(caller: Person, *, at: datetime) -> QuerySet[Trip]:
    """Requests, trips that are back or over, and corrections of what was approved; oldest first."""
    over = Q(state__in=[State.APPROVED, State.TRAVELLING], ends_at__lte=at)
    open_still = Correction.objects.filter(trip=OuterRef("pk"), state=Correction.State.OPEN)
    corrected = Q(state__in=[State.CONFIRMED, State.SETTLED]) & Exists(open_still)
    return (
        trips_approved_by(caller, at=at)
        .filter(Q(state__in=[State.REQUESTED, State.RETURNED]) | over | corrected)
        .order_by("starts_at", "pk")
    )


def approvals_waiting(caller: Person, *, at: datetime) -> int:
    return approvals_pending(caller, at=at).count()


def just_approved_by(caller: Person, *, since: datetime) -> QuerySet[Trip]:
    """What *caller* approved a moment ago and nothing was built on yet."""
    last = Decision.objects.filter(trip=OuterRef("pk")).order_by("-pk")
    trips = Trip.objects.filter(
        decisions__by=caller, decisions__decision="approve", decisions__at__gt=since
    ).annotate(said=Subquery(last.values("decision")[:1]))
    fresh = trips.filter(said="approve", state__in=[State.APPROVED, State.CONFIRMED])
    return fresh.select_related("traveller").distinct().order_by("starts_at", "pk")


def open_corrections(trip: Trip) -> list[Correction]:
    """What still waits for the approver's answer (prefetched or not)."""
    return [row for row in trip.corrections.all() if row.state == Correction.State.OPEN]


def todays_trips(caller: Person, *, at: datetime) -> list[Trip]:
    """The trip to touch first, then the others near: under way, soon, today, without return."""
    rows = trips_travelled_by(caller).select_related(
        "traveller__organisation", "traveller__workplace"
    )
    near = with_touches(rows).filter(
        starts_at__lt=at + timedelta(days=1),
        ends_at__gt=at - timedelta(days=2),
        state__in=[State.DRAFT, State.REQUESTED, State.APPROVED, State.TRAVELLING, State.RETURNED],
    )
    # What a touch without an order left behind when it was withdrawn is nothing to go on.
    near = near.exclude(state=State.DRAFT, purpose="").exclude(source=Trip.Source.STANDING)
    return sorted(near[:20], key=lambda trip: _nearness(trip, at))


def _nearness(trip: Trip, at: datetime) -> tuple[int, timedelta]:
    away = abs(trip.starts_at - at)
    if trip.state == State.TRAVELLING:
        return 0, away
    if trip.state == State.RETURNED:
        return 4, away
    if trip.starts_at - timedelta(hours=2) <= at <= trip.ends_at:
        return 1, away
    return (2 if trip.starts_at > at else 3), away


def standing(trip: Trip) -> list[CheckIn]:
    """The touches of *trip* that were not withdrawn, oldest first (prefetched or not)."""
    return [touch for touch in trip.check_ins.all() if touch.withdrawn_at is None]


def members_of(trip: Trip) -> list[tuple[int, bytes]]:
    """What a trip token is made for: second and id of every touch that stands."""
    return [(int(t.recorded_at.timestamp()), bytes(t.cti)) for t in standing(trip)]


def number_now(spoken: str) -> str:
    """The number of a touch whose receipt was once called *spoken* and was renewed; else none."""
    renewed = Renewed.objects.filter(spoken=spoken).values_list("check_in__spoken", flat=True)
    return renewed.first() or ""


def has_whole_receipt(trip: Trip) -> bool:
    """Whether one receipt can stand for the whole trip: no record of it alone is no evidence."""
    verdicts = {newest_assessment(touch).verdict for touch in standing(trip)}
    return bool(verdicts - {Verdict.INVALID}) and len(standing(trip)) <= MOST_MEMBERS


def newest_assessment(touch: CheckIn) -> Assessment:
    return list(touch.assessments.all())[-1]


def verdict_of(trip: Trip) -> str:
    """01-model.md §4: any REVIEW; an arrival or stop SUFFICIENT; all INVALID; else SUPPLEMENT."""
    said = [(touch.kind, newest_assessment(touch).verdict) for touch in standing(trip)]
    if any(verdict == "REVIEW" for _, verdict in said):
        return "REVIEW"
    if any(kind != "return" and verdict == "SUFFICIENT" for kind, verdict in said):
        return "SUFFICIENT"
    if said and all(verdict == "INVALID" for _, verdict in said):
        return "INVALID"
    return "SUPPLEMENT"
