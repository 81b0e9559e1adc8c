"""What is brought along: files, the papers and photos in them, and records of the office."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, Place
from trips.models.touch import CheckIn
from trips.models.trip import Trip
from vault.ids import uuid7
from vault.sealed import Box
from vault.sealed.files import FileBox

# As many of a trip as the contract counts (evidence.md §3).
MOST_PAPERS = 20


class Upload(models.Model):
    """A picture or a PDF somebody sent, drawn anew. What it shows lies in the file store."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("picture")
        PDF = "pdf", _("PDF")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    # Of the bytes as they were sent, of what is to be seen on them, and of what is kept.
    digest = models.BinaryField(max_length=32)
    pixels = models.BinaryField(max_length=32)
    kept_digest = models.BinaryField(max_length=32)
    pages = models.PositiveSmallIntegerField(default=1)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["person", "at"])]

    @property
    def shown(self) -> FileBox:
        """What was drawn anew: the only form that is ever handed out."""
        return FileBox("trips_upload", self.uid, "shown")

    @property
    def original(self) -> FileBox:
        """A PDF as it was sent; of a picture nothing but ``shown`` is kept."""
        return FileBox("trips_upload", self.uid, "original")


class Paper(models.Model):
    """A receipt, ticket or slip, with what its traveller read on it. It counts for one trip."""

    class Kind(models.TextChoices):
        # The words of the claim (travel-expenses.md §2).
        CARD = "card", _("Card slip")
        CASH_RECEIPT = "cash_receipt", _("Cash receipt")
        TAX_INVOICE = "tax_invoice", _("Tax invoice")
        TICKET = "ticket", _("Ticket")
        TOLL = "toll", _("Toll slip")
        FUEL = "fuel", _("Fuel slip")
        PARKING = "parking", _("Parking slip")
        OTHER = "other_receipt", _("Another receipt")
        SIMPLE = "simple_receipt", _("Simple receipt")

    class Why(models.TextChoices):
        OUTSIDE = "outside", _("its time lies outside the trip")
        ELSEWHERE = "elsewhere", _("the same paper lies with another trip")
        WITHDRAWN = "withdrawn", _("its traveller took it back")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="papers")
    check_in = models.ForeignKey(CheckIn, models.PROTECT, null=True, related_name="papers")
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="paper")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    amount = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    number = models.BinaryField(null=True)
    # Equal for equal papers: keyed, over number, sum and time; and what the picture shows.
    mark = models.BinaryField(max_length=32, null=True)
    digest = models.BinaryField(max_length=32, db_index=True)
    pixels = models.BinaryField(max_length=32)
    counted = models.BooleanField()
    why = models.CharField(max_length=9, choices=Why.choices, blank=True)
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["digest"], condition=Q(counted=True), name="a_paper_counts_once"
            ),
            models.UniqueConstraint(
                fields=["pixels"], condition=Q(counted=True), name="a_picture_counts_once"
            ),
            models.UniqueConstraint(
                fields=["mark"], condition=Q(counted=True), name="a_numbered_paper_counts_once"
            ),
            models.CheckConstraint(
                condition=Q(counted=True, why="") | (Q(counted=False) & ~Q(why="")),
                name="a_paper_counts_or_says_why_not",
            ),
        ]

    def number_box(self) -> Box | None:
        if self.number is None:
            return None
        return Box("trips_paper", self.uid, "number", bytes(self.number))


class Photo(models.Model):
    """A picture taken on the spot, whose hash its touch had signed before it was sent."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    check_in = models.OneToOneField(CheckIn, models.PROTECT, related_name="photo")
    upload = models.OneToOneField(Upload, models.PROTECT, related_name="photo")
    # What has to stand on it: drawn from the challenge of the touch.
    code = models.CharField(max_length=5)
    at = models.DateTimeField()


class OfficeRecord(models.Model):
    """A trace of a person at the office, near a touch in time. Others never come in here."""

    class Kind(models.TextChoices):
        DOOR = "door", _("door")
        DOCUMENT = "document", _("document system on site")
        NETWORK = "network", _("network on site")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    imported_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "kind", "place", "at"], name="an_office_trace_is_kept_once"
            ),
        ]
