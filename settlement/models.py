"""Scans, batches and settlements. A trip is paid once because the database says so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation, Person
from trips.models import CheckIn, Trip
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal


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


class RuleSet(models.Model):
    """A version of the office's own rules. A released one is never edited, only followed."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("rules", "draft")
        PROPOSED = "proposed", pgettext_lazy("rules", "proposed")
        RELEASED = "released", pgettext_lazy("rules", "released")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    # Its id@version, as the text names itself.
    name = models.CharField(max_length=80, unique=True)
    valid_from = models.DateField()
    toml = models.TextField()
    sha256 = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("made_by")),
                name="nobody_releases_their_own_rules",
            ),
            models.CheckConstraint(
                condition=Q(state="released", released_by__isnull=False)
                | (~Q(state="released") & Q(released_by=None)),
                name="rules_are_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


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
