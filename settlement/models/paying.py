"""Batches and settlements. A trip is paid once because the database says so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation, Person
from trips.models import Trip
from vault.ids import uuid7


class Batch(models.Model):
    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("batch", "open")
        WAITING = "waiting", _("waiting for a second person")
        SETTLED = "settled", _("settled")
        DROPPED = "dropped", _("dropped")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    clerk = models.ForeignKey(Person, models.PROTECT, related_name="batches")
    rows = models.PositiveIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    hash = models.BinaryField(max_length=32, null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)


class BatchRow(models.Model):
    """A trip the clerk laid into a batch, and the sum it had then."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="trips")
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="+")
    won = models.BigIntegerField()
    # Why a row was left out when the rest was settled: a refusal's code.
    refused = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "trip"], name="a_trip_lies_once_in_a_batch"),
        ]


class Payment(models.TextChoices):
    """How far the money is: the payment file says it is sent, its answer what came of it."""

    UNPAID = "unpaid", _("not sent")
    SENT = "sent", _("sent to the bank")
    PAID = "paid", _("paid out")
    FAILED = "failed", _("payment failed")


class Settlement(models.Model):
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="settlements")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="settlements")
    clerk = models.ForeignKey(Person, models.PROTECT, related_name="+")
    approver = models.ForeignKey(Person, models.PROTECT, related_name="+")
    traveller = models.ForeignKey(Person, models.PROTECT, related_name="settlements")
    claim = models.JSONField()
    result = models.JSONField()
    rule_digest = models.CharField(max_length=64)
    total = models.BigIntegerField()
    settled_at = models.DateTimeField()
    leaf_n = models.IntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    voided_at = models.DateTimeField(null=True, blank=True)
    # The month it is paid in: the trip's, or a later one where that was closed.
    month = models.CharField(max_length=7, db_index=True)
    payment = models.CharField(max_length=6, choices=Payment.choices, default=Payment.UNPAID)
    payment_on = models.DateField(null=True, blank=True)
    payment_note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["trip"], condition=Q(voided_at=None), name="paid_once"),
            models.CheckConstraint(
                condition=~Q(clerk=F("approver")), name="nobody_pays_what_they_approved"
            ),
            models.CheckConstraint(
                condition=~Q(clerk=F("traveller")), name="nobody_pays_themselves"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0), name="nobody_is_paid_less_than_nothing"
            ),
        ]


class MonthShift(models.Model):
    """A settlement goes onto another month's payment statement, with a reason. Append-only."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="shifts")
    # Off the statement of this month, onto that of another.
    left = models.CharField(max_length=7, db_index=True)
    joined = models.CharField(max_length=7, db_index=True)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(left=F("joined")), name="a_shift_leads_to_another_month"
            ),
        ]


class Line(models.Model):
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="lines")
    sequence = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    rule = models.CharField(max_length=4)
    status = models.CharField(max_length=15)
    why = models.JSONField()

    class Meta:
        ordering: ClassVar[list[str]] = ["sequence"]


class Clawback(models.Model):
    """Money that was paid and is to come back: the settlement it was paid by was taken back."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("clawback", "open")
        RECOVERED = "recovered", _("money is back")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="clawback")
    principal = models.BigIntegerField()
    surcharge = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()
    recovered_on = models.DateField(null=True, blank=True)
    recovered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(principal__gte=0, surcharge__gte=0),
                name="nothing_less_than_nothing_comes_back",
            ),
        ]
