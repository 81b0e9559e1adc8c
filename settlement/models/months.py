"""A month of an office: its sheets, the papers beside it, how far it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation, Person
from trips.models import Trip
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal


class Month(models.Model):
    """A month of an office's trips, while it is worked on and once it is closed."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("month", "open")
        CLOSED = "closed", pgettext_lazy("month", "closed")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=7)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="a_month_stands_once_in_an_office"
            ),
        ]


class MonthMove(models.Model):
    """A month was closed, or opened again by two people. Append-only."""

    month = models.ForeignKey(Month, models.PROTECT, related_name="moves")
    state = models.CharField(max_length=6, choices=Month.State.choices)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="closed") | (Q(second__isnull=False) & ~Q(second=F("by"))),
                name="two_people_open_a_month_again",
            ),
        ]


class SheetImport(models.Model):
    """A sheet of the personnel system, kept sealed as it came: it goes out again filled."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    month = models.ForeignKey(Month, models.PROTECT, related_name="imports")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)
    sheet = models.BinaryField()
    unnumbered = models.PositiveIntegerField()
    unapproved = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["month", "digest"], name="a_sheet_comes_in_once"),
        ]

    def put_sheet(self, raw: bytes) -> None:
        key = KeyName(self.by.ref, self.month.name, "id")
        self.sheet = seal(raw, key=key, table="settlement_sheetimport", row=self.uid, field="sheet")

    def box(self) -> Box:
        return Box("settlement_sheetimport", self.uid, "sheet", bytes(self.sheet))


class SheetRow(models.Model):
    """One line of a sheet, and what became of it."""

    class Fate(models.TextChoices):
        MATCHED = "matched", _("in both")
        ONLY = "only", _("only in the sheet")
        ADDED = "added", _("taken over as a trip")
        DOUBTFUL = "doubtful", _("similar to a trip")
        UNKNOWN = "unknown", _("person to be chosen")
        REFUSED = "refused", _("not readable")
        LEFT = "left", _("left out")
        REPLACED = "replaced", _("replaced by a later sheet")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    sheet = models.ForeignKey(SheetImport, models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    fate = models.CharField(max_length=8, choices=Fate.choices)
    # As it stands in the sheet; empty where the row could not be read.
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    time_known = models.BooleanField(default=True)
    place = models.CharField(max_length=100, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    vehicle = models.CharField(max_length=11, blank=True)
    department = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=80, blank=True)
    won = models.BigIntegerField(null=True, blank=True)
    faults = models.JSONField(default=list)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    trip = models.ForeignKey(Trip, models.PROTECT, null=True, blank=True, related_name="sheet_rows")
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["sheet", "number"], name="a_row_stands_once_in_a_sheet"
            ),
            models.UniqueConstraint(
                fields=["sheet", "trip"],
                condition=Q(trip__isnull=False),
                name="a_trip_is_one_row_of_a_sheet",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["sheet", "fate"])]


class VehicleLog(models.Model):
    """An official car was out: who drove, who rode along."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    vehicle = models.CharField(max_length=40)
    driver = models.ForeignKey(Person, models.PROTECT, related_name="+")
    # References of people, as claims name them.
    passengers = models.JSONField(default=list)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "vehicle", "starts_at"], name="a_car_leaves_once_at_a_time"
            ),
        ]


class Absence(models.Model):
    """Leave, overtime or training of a person, as the personnel system has it."""

    class Kind(models.TextChoices):
        LEAVE = "leave", _("leave")
        OVERTIME = "overtime", _("overtime")
        TRAINING = "training", _("training")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "kind", "starts_at"], name="an_absence_begins_once"
            ),
        ]
