"""What holds a payment, what was said about it, and how it was resolved."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Person
from settlement.models.months import Month
from trips.models import Distance, Trip
from vault.ids import uuid7


class Hold(models.Model):
    """What holds a payment until somebody resolved it, and how that was."""

    class State(models.TextChoices):
        NEW = "new", _("new")
        ASKED = "asked", _("traveller was asked")
        ANSWERED = "answered", _("traveller answered")
        SECOND = "second", _("waits for a second clerk")
        RESOLVED = "resolved", _("resolved")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="holds")
    reason_code = models.CharField(max_length=40)
    note = models.CharField(max_length=500, blank=True)
    resolution_code = models.CharField(max_length=40, blank=True)
    resolution_note = models.CharField(max_length=500, blank=True)
    # What the second clerk says, where two look.
    second_note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    blocking = models.BooleanField(default=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")


class HoldMessage(models.Model):
    """One word between clerk and traveller about an exception. Append-only."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="messages")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    text = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]


class Revision(models.Model):
    """What a clerk says a sum is computed by instead: beside the old, with a reason, by two.

    Never a sum: the area, the distance, or both. The newest that another clerk agreed to counts.
    One that goes *back* names neither: from it on the rules alone say what the trip is.
    """

    class Area(models.TextChoices):
        IN = "in", _("In-area trip")
        OUT = "out", _("Out-of-area trip")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("revision", "proposed")
        AGREED = "agreed", pgettext_lazy("revision", "agreed")
        DECLINED = "declined", pgettext_lazy("revision", "declined")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="revisions")
    back = models.BooleanField(default=False)
    # Empty where it stays as the rules say.
    area = models.CharField(max_length=3, choices=Area.choices, blank=True)
    one_way_m = models.PositiveIntegerField(null=True, blank=True)
    method = models.CharField(max_length=13, choices=Distance.Method.choices, blank=True)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    # What the trip came to when it was proposed, and would come to by this; none: not computable.
    before = models.BigIntegerField(null=True)
    after = models.BigIntegerField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    second = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    second_reason = models.CharField(max_length=500, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["hold"],
                condition=Q(state="proposed"),
                name="one_revision_waits_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed") | (Q(second__isnull=False) & ~Q(second=F("by"))),
                name="two_people_change_what_a_sum_is_by",
            ),
            models.CheckConstraint(
                condition=Q(back=True) | ~Q(area="") | Q(one_way_m__isnull=False),
                name="a_revision_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(back=False) | Q(area="", one_way_m=None),
                name="back_to_the_rules_names_no_fact",
            ),
            models.CheckConstraint(
                condition=Q(one_way_m=None, method="") | (Q(one_way_m__gte=0) & ~Q(method="")),
                name="a_distance_says_how_it_was_measured",
            ),
        ]


class Finding(models.Model):
    """What differs between papers of a month. It accuses nobody; a serious one holds payment."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    month = models.ForeignKey(Month, models.PROTECT, related_name="findings")
    # Over its code and trips: found again it is the same finding.
    mark = models.BinaryField(max_length=32)
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=7)
    trips = models.ManyToManyField(Trip, related_name="findings")
    said = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["month", "mark"], name="a_finding_stands_once"),
        ]
