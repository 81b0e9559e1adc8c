"""What a clerk's desk saw of a code, and the keys lent to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from trips.models import CheckIn
from vault.ids import uuid7


class Genuine(models.TextChoices):
    """First that holds (01-model.md §5)."""

    NOT_OURS = "not-ours", _("Not a trip receipt of ours")
    UNVERIFIABLE = "unverifiable", _("Cannot be verified")
    WITHDRAWN = "withdrawn", _("Genuine, but withdrawn")
    BY_NUMBER = "by-number", _("Found by number")
    GENUINE = "genuine", _("Genuine")


class Payable(models.TextChoices):
    WAITING = "waiting", _("Shown after the check")
    SETTLED = "settled", _("Already settled")
    RECORD = "record", _("Record not usable")
    APPROVAL = "approval", _("Payable once approved")
    EXCEPTION = "exception", _("An exception must be resolved")
    REVIEW = "review", _("Needs two people")
    SUPPLEMENT = "supplement", _("Payable after one more item")
    ZERO = "zero", _("Amount is 0 won")
    PAYABLE = "payable", _("Payable")


class Verification(models.Model):
    """Every scan, failed ones too. Never the text that was scanned."""

    class Source(models.TextChoices):
        CAMERA = "camera", _("camera")
        SCANNER = "scanner", _("scanner")
        PICTURE = "picture", _("picture")
        TYPED = "typed", _("typed")
        LINK = "link", _("link")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    clerk = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=7, choices=Source.choices)
    cti = models.BinaryField(max_length=8, null=True, db_index=True)
    check_in = models.ForeignKey(CheckIn, models.PROTECT, null=True, related_name="verifications")
    code = models.CharField(max_length=30, blank=True)
    refused_at = models.CharField(max_length=10, blank=True)
    kid = models.CharField(max_length=4, blank=True)
    genuine = models.CharField(max_length=12, choices=Genuine.choices)
    payable = models.CharField(max_length=10, choices=Payable.choices)
    provisional = models.BooleanField(default=False)


class DeskLease(models.Model):
    """Opening keys lent to a desk. What it holds is wrapped for a key that never leaves it."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    clerk = models.ForeignKey(Person, models.PROTECT, related_name="+")
    desk = models.CharField(max_length=40)
    # Of the desk's public key: the same desk comes again.
    digest = models.BinaryField(max_length=32)
    kids = models.CharField(max_length=100)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until__gt=F("at")), name="a_lease_ends_after_it_begins"
            ),
        ]
