"""Who may hear an appeal: an approver with no part in the trip, who pays nothing here."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.hands import hands_of
from accounts.models import Department, Grant, Person, Role
from accounts.selectors import approvers_for
from trips.models import Appeal, Trip


def may_hear(person: Person, trip: Trip, *, at: datetime) -> bool:
    return hearers_of(trip, at=at).filter(pk=person.pk).exists()


def hearers_of(trip: Trip, *, at: datetime) -> QuerySet[Person]:
    """Who had no part in it: neither traveller, approver, clerk nor auditor.

    Nor anybody who decided on it, or whom delegation ties to its traveller or approver.
    """
    hands = [hands_of(trip.traveller, at=at)]
    decided = set(trip.decisions.values_list("by", flat=True))
    if trip.approver:
        hands.append(hands_of(trip.approver, at=at))
        decided.add(trip.approver.pk)
    tied = {pk for each in hands for pk in each.tied}
    other_duties = Grant.objects.live(at).filter(role__in=[Role.CLERK, Role.AUDITOR])
    people = approvers_for(trip.traveller, at=at).exclude(pk__in=decided | tied)
    return people.exclude(pk__in=other_duties.values("person"))


def officer_for(trip: Trip, *, at: datetime) -> Person | None:
    """The nearest up the departments, else the first by name; none where there is none."""
    able = {person.pk: person for person in hearers_of(trip, at=at)[:1_000]}
    department: Department | None = trip.department
    while department:
        if department.approver_id in able:
            return able[department.approver_id]
        department = department.parent
    return next(iter(able.values()), None)


def appeals_before(caller: Person, *, at: datetime) -> QuerySet[Appeal]:
    """Given to *caller*, to nobody yet, or to somebody who approves no more.

    What they may not hear is refused when they open it.
    """
    office = Appeal.objects.filter(trip__traveller__organisation=caller.organisation_id)
    able = Grant.objects.live(at).filter(role=Role.APPROVER).values("person")
    free = Q(officer=caller) | Q(officer=None) | ~Q(officer__in=able)
    mine = office.filter(free, state=Appeal.State.OPEN)
    mine = mine.exclude(trip__traveller=caller).exclude(trip__approver=caller)
    return mine.select_related("trip__traveller__department", "by").order_by("due_on", "pk")
