"""What people ask of a trip and decide about it: corrections, decisions, appeals."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Person
from trips.models.trip import Trip, Vehicle
from vault.ids import uuid7


class Correction(models.Model):
    """What the traveller says should have stood there. The original stays beside it."""

    class What(models.TextChoices):
        RETURN = "return", _("I could not press on return")
        ARRIVE = "arrive", _("I could not press on arrival")
        TIME = "time", _("The time")
        PLACE = "place", _("The destination changed")
        VEHICLE = "vehicle", _("The vehicle")
        MISTAKE = "mistake", _("Pressed by mistake")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("correction", "open")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="corrections")
    what = models.CharField(max_length=8, choices=What.choices)
    value = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    @property
    def shown_value(self) -> str:
        """The value in words; a vehicle is kept as its code."""
        known = self.what == self.What.VEHICLE and self.value in Vehicle.values
        return str(Vehicle(self.value).label) if known else self.value


class Decision(models.Model):
    """What an approver said at one step of a trip: order it (1), or confirm it for payment (2)."""

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="decisions")
    step = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=7)  # approve, return
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    # Whose decision it was, where *by* decided as a delegate.
    instead_of = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()


class Appeal(models.Model):
    """The traveller disagrees with a verdict or a hold. Both texts stay; a third person answers."""

    class About(models.TextChoices):
        VERDICT = "verdict", _("What the evidence was judged to be")
        HOLD = "hold", _("That the payment is held")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "open")
        UPHELD = "upheld", pgettext_lazy("appeal", "upheld")
        DECLINED = "declined", pgettext_lazy("appeal", "declined")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="appeals")
    about = models.CharField(max_length=7, choices=About.choices)
    text = models.CharField(max_length=2_000)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_on = models.DateField()
    # Empty while nobody could be found: then whoever may hear it finds it in their list.
    officer = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=2_000, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["trip"], condition=Q(state="open"), name="one_appeal_of_a_trip_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("by")),
                name="nobody_answers_their_own_appeal",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_on"], name="appeals_by_day")
        ]
