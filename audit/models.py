"""What auditors took away and signed off, and what is kept or erased when its time is over."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from trips.models import Trip
from vault.ids import uuid7


class Export(models.Model):
    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")
        GONE = "gone", _("gone")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("XLSX")
        BUNDLE = "zip", _("Bundle that proves itself (ZIP)")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    auditor = models.ForeignKey(Person, models.PROTECT, related_name="exports")
    format = models.CharField(max_length=4, choices=Format.choices)
    filters = models.JSONField()
    groups = models.JSONField()
    # A bundle with the Parquet view as well.
    parquet = models.BooleanField(default=False)
    # Of a bundle: leaves [start, stop), its request's leaf, the head it was first taken under.
    start = models.BigIntegerField(default=0)
    stop = models.BigIntegerField(default=0)
    request_hash = models.BinaryField(max_length=32)
    size = models.BigIntegerField(null=True)
    # The hash that was signed, and how many leaves the log had: other rows are another export.
    signed = models.BinaryField(max_length=32)
    head = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=40)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    nonce = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    # The leaves that say it was made, one after the other.
    done_hashes = models.BinaryField(default=b"")
    # Over the limits of one person: another auditor has to agree before a row is read.
    needs_second = models.BooleanField(default=False)
    second = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    # Who works on it, how far they are, and when they last said so.
    attempt = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    done_rows = models.PositiveBigIntegerField(default=0)
    # Why it failed: the code of a refusal.
    why = models.CharField(max_length=40, blank=True)
    # The key of its file, sealed; empty where there is no file.
    file_key = models.BinaryField(default=b"")
    # The key of the parts it is made from, sealed; empty where there are none.
    parts_key = models.BinaryField(default=b"")
    # How often it was begun since it last moved on.
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(second=None) | ~Q(second=F("auditor")),
                name="nobody_agrees_to_their_own_export",
            ),
        ]

    @property
    def total_rows(self) -> int:
        """What ``done_rows`` counts up to: leaves of a bundle, trips of a sheet."""
        return self.stop - self.start if self.format == self.Format.BUNDLE else self.rows or 0

    @property
    def waits_for_second(self) -> bool:
        return self.needs_second and self.second_at is None


class RetentionHold(models.Model):
    """The positions of one trip, or of one person, are kept beyond their time, for a reason.

    Two people: one asks and another agrees, or it lapses after a week.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, null=True, related_name="retention_holds")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="retention_holds")
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(trip=None, person__isnull=False) | Q(person=None, trip__isnull=False),
                name="a_hold_is_of_a_trip_or_of_a_person",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")),
                name="nobody_agrees_to_their_own_hold",
            ),
        ]


class RetentionRun(models.Model):
    """What one run of the retention job found, erased and left, signed by the export key."""

    at = models.DateTimeField(db_index=True)
    note = models.TextField()


class AccessReview(models.Model):
    """An auditor looked through the access diary of a month, and signed for it."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    month = models.CharField(max_length=7)
    # Over the counts by reader, as they stood: other counts are another review.
    digest = models.BinaryField(max_length=32)
    note = models.CharField(max_length=500, blank=True)
    signed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "month"], name="a_month_is_reviewed_once"
            ),
        ]
