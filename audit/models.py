"""What auditors took away, with the reason they gave."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
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
    # Of a bundle: leaves [start, stop), its request's leaf, the head it was first taken under.
    start = models.BigIntegerField(default=0)
    stop = models.BigIntegerField(default=0)
    request_hash = models.BinaryField(max_length=32)
    size = models.BigIntegerField(null=True)
    # The hash of the rows that was signed: other rows are another export.
    signed = models.BinaryField(max_length=32)
    purpose = models.CharField(max_length=40)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    nonce = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
