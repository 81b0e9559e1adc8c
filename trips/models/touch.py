"""The touches that show a trip, what was asked of the phone, and how each was weighed."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_bytes
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Device, Person
from trips.models.trip import Trip
from vault.ids import uuid7
from vault.sealed import Box


def new_nonce() -> bytes:
    return token_bytes(32)


class Challenge(models.Model):
    """32 random bytes that a touch must sign: bound to person, device and trip, used once."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    nonce = models.BinaryField(max_length=32, unique=True, default=new_nonce)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    trip = models.ForeignKey(Trip, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField()
    life_s = models.PositiveIntegerField()
    # For a touch without a line; else it is live and answered at once.
    held = models.BooleanField(default=False)
    # Of the browser that keeps it: another one of theirs must not sign the same.
    browser = models.BinaryField(max_length=32, null=True)
    used_at = models.DateTimeField(null=True, blank=True)

    @property
    def ends_at(self) -> datetime:
        return self.issued_at + timedelta(seconds=self.life_s)


class Kind(models.TextChoices):
    ARRIVE = "arrive", _("arrival")
    STOP = "stop", _("stop")
    RETURN = "return", _("return")


class Verdict(models.TextChoices):
    SUFFICIENT = "SUFFICIENT", _("Enough evidence")
    SUPPLEMENT = "SUPPLEMENT", _("One more item")
    REVIEW = "REVIEW", _("Needs review")
    INVALID = "INVALID", _("Not usable as evidence")


class CheckIn(models.Model):
    """One touch. What it says about a position lies sealed; it can only be withdrawn."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    client_id = models.UUIDField(unique=True)
    fingerprint = models.BinaryField(max_length=32)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="check_ins")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    recorded_at = models.DateTimeField(db_index=True)
    device_at_ms = models.BigIntegerField()
    offset_ms = models.BigIntegerField()
    # Of a touch without a line: not made before *earliest_at*, and believed made at *claimed_at*.
    earliest_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    signer = models.CharField(max_length=10)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    # Record, position and token are empty once they were erased.
    record = models.BinaryField(null=True)
    best_fix = models.BinaryField(null=True)
    accuracy_m = models.PositiveIntegerField(null=True, blank=True)
    place_words = models.CharField(max_length=80, blank=True)
    place_source = models.CharField(max_length=40, blank=True)
    planned_m = models.PositiveIntegerField(null=True, blank=True)
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token = models.BinaryField(null=True)
    token_hash = models.BinaryField(max_length=32)
    # The phone sent a position that nobody had agreed to, and it was not kept.
    left_out = models.BooleanField(default=False)
    # Keyed marks: equal for equal bursts and points, and say nothing without the key.
    burst = models.BinaryField(max_length=32, null=True, db_index=True)
    burst_shape = models.BinaryField(max_length=32, null=True, db_index=True)
    point_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    browser_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    # The square metre of its best point: whose neighbours were there too.
    near_mark = models.BinaryField(max_length=32, null=True, db_index=True)
    leaf_n = models.IntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    # The leaf that names its token: its own one, or a later one that says the token was renewed.
    token_leaf = models.BinaryField(max_length=32)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["recorded_at", "pk"]

    @property
    def made_at(self) -> datetime:
        """When it was made, as far as can be told; what stands on record is ``recorded_at``."""
        return self.claimed_at or self.recorded_at

    @property
    def is_offline(self) -> bool:
        return self.earliest_at is not None

    @property
    def time_known(self) -> bool:
        """Whether more is known of its time than two bounds."""
        return self.earliest_at is None or self.claimed_at is not None

    @property
    def erased(self) -> bool:
        """Its exact position, record and receipt are gone; place in words and verdict stay."""
        return self.token is None

    def box(self, name: str) -> Box | None:
        """Its sealed *name*: ``record``, ``best_fix`` or ``token``; none once erased."""
        content = getattr(self, name)
        return None if content is None else Box("trips_checkin", self.uid, name, bytes(content))


class Renewed(models.Model):
    """A token of a touch that another one took the place of: the key that signed it had leaked.

    Its number still leads to the touch, for whoever holds the old sheet.
    """

    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="renewed")
    at = models.DateTimeField()
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token_hash = models.BinaryField(max_length=32)


class TripToken(models.Model):
    """One receipt for a whole trip: a snapshot of the touches that stood. The newest counts."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="tokens")
    sealed_at = models.DateTimeField()
    kid = models.CharField(max_length=4)
    count = models.PositiveSmallIntegerField()
    digest = models.BinaryField(max_length=32)
    cti = models.BinaryField(max_length=8, unique=True)
    spoken = models.CharField(max_length=12, unique=True)
    token = models.BinaryField()
    token_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def box(self, name: str) -> Box:
        return Box("trips_triptoken", self.uid, name, bytes(getattr(self, name)))


class Assessment(models.Model):
    """What a touch showed, and by which weights. Append-only; the newest counts."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="assessments")
    facts = models.BinaryField(null=True)
    weights_version = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    support = models.PositiveSmallIntegerField()
    concern = models.PositiveSmallIntegerField()
    reasons = models.JSONField()
    missing = models.JSONField()
    missing_mode = models.CharField(max_length=4, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]

    def box(self) -> Box | None:
        """What it was weighed by; none once erased."""
        if self.facts is None:
            return None
        return Box("trips_assessment", self.uid, "facts", bytes(self.facts))


class Item(models.Model):
    """One more thing that supports a touch: a statement in words, or a code of its place."""

    class Kind(models.TextChoices):
        STATEMENT = "statement", _("statement")
        SITE_CODE = "site-code", _("site code")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="items")
    check_in = models.ForeignKey(CheckIn, models.PROTECT, null=True, related_name="items")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    content = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    def box(self) -> Box:
        return Box("trips_item", self.uid, "content", bytes(self.content))


class WeightSet(models.Model):
    """A version of the weights made here. Released by somebody else, it judges from *since* on."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.CharField(max_length=20, unique=True)
    text = models.TextField()
    digest = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("made_by")),
                name="nobody_releases_their_own_weights",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None, since=None)
                | Q(released_by__isnull=False, since__isnull=False),
                name="released_weights_begin_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.version
