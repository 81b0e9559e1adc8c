"""What somebody may do, for how long, and in whose hands it lies meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Department, Person
from vault.ids import uuid7


class Role(models.TextChoices):
    TRAVELLER = "traveller", _("traveller")
    APPROVER = "approver", _("approver")
    CLERK = "clerk", _("finance clerk")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class GrantQuery(models.QuerySet["Grant"]):
    def live(self, at: datetime) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=at), since__lte=at)


class Grant(models.Model):
    """A role, from a moment to a moment, within a department or (none) the whole office."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=13, choices=Role.choices)
    scope = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(db_column="from")
    until = models.DateTimeField(null=True, blank=True)
    # Empty only for what the command line granted while nobody was there to grant it.
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")

    objects = GrantQuery.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("person")),
                name="nobody_grants_themselves",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="a_grant_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(role="auditor") | Q(until__isnull=False),
                name="an_auditor_is_appointed_for_a_time",
            ),
        ]


class DelegationQuery(models.QuerySet["Delegation"]):
    def live(self, at: datetime) -> Self:
        return self.filter(since__lte=at, until__gt=at, ended_at=None)


class Delegation(models.Model):
    """An approver's decisions in another's hands, from a moment to a moment. It ends by itself."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="delegations")
    to = models.ForeignKey(Person, models.PROTECT, related_name="delegated")
    since = models.DateTimeField(db_column="from")
    until = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuery.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(person=F("to")), name="nobody_stands_in_for_themselves"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("since")), name="a_delegation_ends_after_it_began"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to", "until"], name="whose_hands_hold_what"),
            models.Index(fields=["person", "until"], name="what_lies_in_whose_hands"),
        ]

    @property
    def last_day(self) -> datetime:
        """A moment of the last day: *until* is the midnight after it."""
        return self.until - timedelta(seconds=1)


class ApprovalPair(models.Model):
    """Four eyes: what one person made, another checked."""

    maker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    checker = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    about = models.CharField(max_length=80, unique=True)
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")),
                name="two_eyes_are_not_four",
            ),
        ]
