"""Reads of the clerk's room; every question is asked by a clerk."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import ApprovalPair, Organisation, Person, Role
from accounts.selectors import may_administer, roles_of
from settlement.models import (
    Batch,
    BatchRow,
    Clawback,
    DeskLease,
    Hold,
    RuleSet,
    Settlement,
    Verification,
)
from trips.models import Decision, Trip

# So many of the newest settlements are computed again by a trial of rules.
MOST_TRIED = 5_000
# A hold of this reason is for two to look at.
REVIEW = "evidence.review"


def may_settle(person: Person, trip: Trip, *, at: datetime) -> bool:
    """A clerk of the same office who neither travelled nor approved this trip."""
    if Role.CLERK not in roles_of(person, at=at):
        return False
    same_office = trip.traveller.organisation_id == person.organisation_id
    if not same_office or person.pk in {trip.traveller_id, trip.approver_id}:
        return False
    # A delegate who approved is its approver, too.
    return not trip.decisions.filter(by=person, decision="approve").exists()


def settleable_by(person: Person, trips: QuerySet[Trip], *, at: datetime) -> QuerySet[Trip]:
    """Those of *trips* to which ``may_settle`` says yes: one question for however many."""
    if Role.CLERK not in roles_of(person, at=at):
        return trips.none()
    decided = Decision.objects.filter(trip=OuterRef("pk"), by=person, decision="approve")
    rows = trips.filter(traveller__organisation=person.organisation_id)
    return rows.exclude(traveller=person).exclude(approver=person).exclude(Exists(decided))


def has_own_trips(batch: Batch, person: Person) -> bool:
    """Whether *person* travelled or approved anything that lies in *batch*."""
    own = Q(trip__traveller=person) | Q(trip__approver=person)
    own |= Q(trip__decisions__by=person, trip__decisions__decision="approve")
    return batch.trips.filter(own).exists()


def trips_settled_by(caller: Person) -> QuerySet[Trip]:
    """Trips of the clerk's office."""
    return Trip.objects.filter(traveller__organisation=caller.organisation_id)


def verifications_of(caller: Person) -> QuerySet[Verification]:
    rows = Verification.objects.filter(clerk=caller)
    return rows.select_related("check_in__trip__traveller__department").order_by("-pk")


def batches_of(caller: Person) -> QuerySet[Batch]:
    rows = Batch.objects.filter(organisation=caller.organisation_id)
    return rows.select_related("clerk").order_by("-pk")


def settlements_visible_to(caller: Person, *, at: datetime) -> QuerySet[Settlement]:
    """Own settlements; clerks and auditors see their office's."""
    rows = Settlement.objects.select_related("trip", "clerk", "approver", "traveller")
    if roles_of(caller, at=at) & {Role.CLERK, Role.AUDITOR}:
        return rows.filter(traveller__organisation=caller.organisation_id)
    return rows.filter(traveller=caller)


def settled_lately(office: Organisation, *, days: int, now: datetime) -> QuerySet[Settlement]:
    """What a trial computes again: newest first, so many at most."""
    since = now - timedelta(days=days)
    paid = Settlement.objects.filter(
        traveller__organisation=office, voided_at=None, settled_at__gt=since
    )
    return paid.select_related("trip").order_by("-settled_at", "-pk")[:MOST_TRIED]


def holds_of(caller: Person) -> QuerySet[Hold]:
    rows = Hold.objects.filter(trip__traveller__organisation=caller.organisation_id)
    return rows.select_related("trip__traveller__department").order_by("-pk")


def open_batch_of(caller: Person) -> Batch | None:
    """The batch a clerk is filling just now; the newest, if there are several."""
    return batches_of(caller).filter(clerk=caller, state=Batch.State.OPEN).first()


def settlements_of_batch(batch: Batch) -> QuerySet[Settlement]:
    """What came of a batch the caller was given."""
    return Settlement.objects.filter(batch=batch).select_related("trip", "clerk").order_by("pk")


def batch_rows_of(batch: Batch) -> QuerySet[BatchRow]:
    """The rows of a batch the caller was given, with whose trips they are."""
    rows = BatchRow.objects.filter(batch=batch)
    return rows.select_related("trip__traveller__department").order_by("pk")


def proposed_void_of(paid: Settlement) -> ApprovalPair | None:
    """One clerk's wish to take this settlement back, while another's is awaited."""
    about = f"unsettle:{paid.uid}"
    return ApprovalPair.objects.filter(about=about, checker=None).select_related("maker").first()


def review_about(hold: Hold) -> str:
    return f"review:{hold.uid}"


def first_look_at(hold: Hold) -> ApprovalPair | None:
    """Who looked at a review first, while a second clerk is awaited or after."""
    pairs = ApprovalPair.objects.filter(about=review_about(hold))
    return pairs.select_related("maker", "checker").first()


def clawbacks_of(caller: Person) -> QuerySet[Clawback]:
    rows = Clawback.objects.filter(settlement__traveller__organisation=caller.organisation_id)
    return rows.select_related("settlement__trip", "settlement__traveller__department").order_by(
        "-pk"
    )


def leases_administered_by(caller: Person, *, at: datetime) -> QuerySet[DeskLease]:
    """Keys lent to desks of the administrator's office, newest first."""
    rows = DeskLease.objects.filter(organisation=caller.organisation_id)
    rows = rows.select_related("clerk").order_by("-pk")
    return rows if may_administer(caller, at=at) else rows.none()


def rule_sets_administered_by(caller: Person, *, at: datetime) -> QuerySet[RuleSet]:
    """What was written in the administrator's office, newest first."""
    rows = RuleSet.objects.filter(made_by__organisation=caller.organisation_id)
    rows = rows.select_related("made_by", "released_by")
    return rows if may_administer(caller, at=at) else rows.none()
